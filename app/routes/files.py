"""Lists that are sent whole: as JSON in the usual list envelope, or as a file that describes itself."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from app.analysis.warnings import ListWarning
from app.formats.citations import dataset_citation
from app.formats.columns import Column
from app.formats.lists import LIST_FORMATS, MEDIA_TYPES, Batches, one_batch, written
from app.formats.xlsx import About
from app.http.answer import Content, dumps
from app.http.problems import Problem, unavailable
from app.http.session import Session
from app.queries.parameters import Parameter, Resource
from app.queries.query import RecordQuery, read_few, read_query
from app.releases.origins import origin_chain

log = logging.getLogger("upheld")

Address = Callable[..., str]
"""A function that returns the URL of a list with some parameters changed, or left out if None."""


def read_list(session: Session, resource: Resource) -> tuple[RecordQuery, str]:
    """Return the query of a list, and the form to answer it in."""
    accepted = session.accepted_form(MEDIA_TYPES)
    query = read_query(session.pairs, resource, session.reference, session.errors, accepted)
    return query, session.choose_form(query.format or accepted, MEDIA_TYPES)


def read_short_list(session: Session, parameters: Sequence[Parameter]) -> tuple[dict[str, Any], str]:
    """Return the parameters of a list that takes only a few, and the form to answer it in."""
    accepted = session.accepted_form(MEDIA_TYPES)
    given = read_few(session.pairs, parameters, session.reference, session.errors, accepted)
    return given, session.choose_form(given.get("format"), MEDIA_TYPES)


def too_many(limit: int, detail: str = "The filters select more than {} figures; narrow them.") -> Problem:
    """Return the problem of filters that select more than can be answered."""
    extra = {"limit": limit, "errors": []}
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "too-many-figures", detail.format(limit), extra=extra)


def address_of(session: Session) -> Address:
    """Return a function that builds the URLs of a list from the parameters given and changes to them."""

    def address(**changes: str | None) -> str:
        kept = [pair for pair in session.pairs if pair[0] not in changes]
        pairs = [*kept, *((name, value) for name, value in changes.items() if value is not None)]
        return f"{session.path}?{urlencode(pairs)}" if pairs else session.path

    return address


async def file_of(  # noqa: PLR0913 - a list, and what is said about it
    session: Session,
    form: str,
    title: str,
    rows: Iterable[object],
    columns: Sequence[Column],
    *,
    address: Address,
    warnings: int = 0,
    bom: bool = False,
    described: Mapping[str, str | int] = MappingProxyType({}),
) -> Content:
    """Build a list as a file; `described` are the parameters of the JSON with its warnings."""
    about = about_list(session, title, address())
    documents = one_batch(dumps(row).decode() for row in rows)
    body = await in_one_piece(form, documents, columns, about, bom=bom)
    link = f'<{address(format=None, bom=None, **described)}>; rel="describedby"'
    headers = {"Link": link, "X-Upheld-Warnings": str(warnings)}
    return Content(body, media_type=LIST_FORMATS[form].content_type, headers=headers)


async def in_one_piece(
    form: str, documents: Batches, columns: Sequence[Column], about: About, *, bom: bool
) -> bytes:
    """Return a list as a file.

    Raises:
        Problem: 503 if it can't be written, as Excel files are to temporary files first.

    """
    try:
        return b"".join([piece async for piece in written(form, documents, columns, about, bom=bom)])
    except OSError as error:
        log.error("a file can't be written: %s", error)  # noqa: TRY400 - the reason is enough
        raise unavailable(f"The server can't write {form} files now; other formats may work.") from error


def listed(  # noqa: PLR0913 - a list, and what is said about it
    session: Session,
    data: Sequence[object],
    *,
    query: Mapping[str, Any],
    links: Mapping[str, str | None],
    total: int | None = None,
    undated: int = 0,
    warnings: Sequence[object] = (),
    release: str = "",
    **more: object,
) -> Content:
    """Build a list as JSON, with `more` next to its data. `release` defaults to the session's."""
    meta = {
        "total": len(data) if total is None else total,
        "count": len(data),
        "release": release or session.release.version,
        "undated_excluded": undated,
        "query": query,
    }
    headers = {"Link": f'<{links["next"]}>; rel="next"'} if links["next"] else {}
    body = {"data": data, **more, "meta": meta, "warnings": warnings, "links": links}
    return Content(dumps(body), headers=headers)


def links_of(address: Address) -> Mapping[str, str | None]:
    """Return the links of a list that is sent whole."""
    return {"self": address(), "next": None, "csv": address(format="csv")}


def about_list(session: Session, title: str, address: str) -> About:
    """Return a file's description of a list that isn't of records, given its URL."""
    release, public = session.release, session.public_address
    facts = {
        "Cite as": dataset_citation(release.version, release.published_at, public),
        "Release": release.version,
        "Address": public + address,
    }
    return About(title, release.published_at, public, facts)


def about_records(session: Session, title: str, address: str, warnings: Sequence[ListWarning]) -> About:
    """Return a file's description of a list of records."""
    plain = about_list(session, title, address)
    sources = session.reference.sources
    return replace(
        plain,
        facts={**plain.facts, "Note": "An empty value is not zero: value_status says why it is empty."},
        warnings=[(one.code, one.message, one.ids, len(one.ids) + one.more) for one in warnings],
        sources={
            one.id: (
                *(one.id, one.title, one.publisher, one.published.date, one.url, str(one.kind)),
                origin_chain(sources, one.id)[0].publisher,
            )
            for one in sources.values()
        },
    )
