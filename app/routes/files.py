"""What a file says about the list that it holds."""

from collections.abc import Sequence

from app.analysis.warnings import ListWarning
from app.formats.citations import dataset_citation
from app.formats.xlsx import About
from app.http.session import Session
from app.releases.origins import origin_chain


def about_list(session: Session, title: str, address: str) -> About:
    """Return what a file says about a list of anything but records, given its address."""
    release, public = session.release, session.public_address
    facts = {
        "Cite as": dataset_citation(release.version, release.published_at, public),
        "Release": release.version,
        "Address": public + address,
    }
    return About(title, release.published_at, public, facts)


def about_records(session: Session, title: str, address: str, warnings: Sequence[ListWarning]) -> About:
    """Return what a file says about a list of records."""
    plain = about_list(session, title, address)
    sources = session.reference.sources
    return About(
        plain.title,
        plain.released_at,
        plain.public_address,
        {**plain.facts, "Mind": "An empty value is not zero: value_status says why it is empty."},
        [(one.code, one.message, _concerned(one)) for one in warnings],
        {
            one.id: (
                *(one.id, one.title, one.publisher, one.published.date, one.url, str(one.kind)),
                origin_chain(sources, one.id)[0].publisher,
            )
            for one in sources.values()
        },
    )


def _concerned(warning: ListWarning) -> str:
    """Return the ids of the records that a warning is about."""
    more = [f"and {warning.more} more"] if warning.more else []
    return " ".join([*warning.ids, *more])
