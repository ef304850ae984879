"""Loading after a legal removal: a release may change only by losing the removed records."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.database import tables
from app.database.choice import use
from app.database.errors import LoadError
from app.database.loader import load_editions
from app.domain.dataset import Dataset, Tombstone
from app.releases.editions import Edition
from app.releases.history import histories
from tests.made import dataset, figure, release
from tests.made_releases import HISTORY, ONE, TWO, load_releases
from tests.real_seeds import real_seeds

REMAINING = [(version, [one for one in records if one.id != "two"]) for version, records in HISTORY]
"""The releases without the record `two`."""


def documents(engine: Engine) -> dict[tuple[str, str], dict[str, Any]]:
    """Return every record of every release as served."""
    statement = "SELECT version, record.id, document::json FROM record JOIN release ON release.id = release_id"
    with engine.connect() as connection:
        return {(row[0], row[1]): row[2] for row in connection.execute(text(statement))}


def current(engine: Engine) -> str | None:
    """Return the version being served."""
    statement = "SELECT version FROM release JOIN current_release ON release_id = id"
    with engine.connect() as connection:
        return connection.execute(text(statement)).scalar_one_or_none()


def everything(engine: Engine) -> str:
    """Return everything in a database as text."""
    with engine.connect() as connection:
        names = [table.name for table in tables.METADATA.sorted_tables]
        rows = [connection.execute(text(f"SELECT t::text FROM {name} AS t")).scalars() for name in names]  # noqa: S608 - names of ours
        return "\n".join(row for found in rows for row in found)


def tombstone(record_id: str) -> Tombstone:
    """Return the tombstone of a removed record."""
    return Tombstone.model_validate({"id": record_id, "day": "2026-01-31", "reason": "By law."})


def test_a_removal_changes_nothing_else(database: Engine) -> None:
    """Releases stay the same, apart from the record and everything said about it."""
    load_releases(database, *HISTORY)
    assert load_releases(database, *REMAINING, gone=["two"])
    found = documents(database)
    assert set(found) == {(version, one.id) for version, records in REMAINING for one in records}
    assert found["3.0.0", "one"]["changed_release"] == "2.0.0"
    assert '"two"' not in everything(database)
    assert "It was wrong." not in everything(database)
    assert current(database) == "3.0.0"
    assert not load_releases(database, *REMAINING, gone=["two"])


def test_a_removal_keeps_the_chosen_release(database: Engine) -> None:
    """A release chosen by hand is still served."""
    load_releases(database, *HISTORY)
    use(database, "2.1.0")
    for _ in range(2):
        load_releases(database, *REMAINING, gone=["two"])
        assert current(database) == "2.1.0"


def test_the_chosen_release_stays_until_the_latest_is_chosen(database: Engine) -> None:
    """A chosen release stays current whatever is loaded later."""
    load_releases(database, *HISTORY[:2])
    use(database, "1.0.0")
    load_releases(database, *HISTORY[:2])
    assert current(database) == "1.0.0"
    load_releases(database, *HISTORY)
    assert current(database) == "1.0.0"
    use(database, None)
    assert current(database) == "3.0.0"
    use(database, "2.1.0")
    with pytest.raises(LoadError, match=r"release 9\.0\.0 is not loaded; loaded are: 3\.0\.0, 2\.2\.0"):
        use(database, "9.0.0")
    assert current(database) == "2.1.0"
    use(database, None)
    load_releases(database, *HISTORY)
    assert current(database) == "3.0.0"


ALTERED: Mapping[str, Callable[[Dataset], Dataset]] = {
    "another value": lambda of: of.model_copy(update={"records": [figure("one", value=99), *of.records[1:]]}),
    "another record removed": lambda of: of.model_copy(update={"records": []}),
    "a force renamed": lambda of: of.model_copy(
        update={"forces": [of.forces[0].model_copy(update={"name": "Another"}), *of.forces[1:]]}
    ),
    "a source retitled": lambda of: of.model_copy(
        update={"sources": [of.sources[0].model_copy(update={"title": "Another"})]}
    ),
    "codes in another order": lambda of: of.model_copy(
        update={"codes": of.codes.model_copy(update={"outcome": [*reversed(of.codes.outcome)]})}
    ),
    "a change of rules removed": lambda of: of.model_copy(update={"rule_changes": of.rule_changes[1:]}),
}


def test_a_removal_allows_no_other_change(database: Engine) -> None:
    """A loaded release is replaced only if nothing but the removed records is missing."""
    load_releases(database, ("1.0.0", [ONE, TWO]))
    before = everything(database)
    for name, alter in ALTERED.items():
        altered = alter(dataset([ONE]))
        past = next(iter(histories([("1.0.0", altered)])))
        with pytest.raises(LoadError, match=r"release 1\.0\.0 is loaded with other content"):
            load_editions(database, [Edition.of(release("1.0.0", altered), altered, past)], [tombstone("two")])
        assert everything(database) == before, name


def test_a_removal_changes_no_date(database: Engine) -> None:
    """The date of a release stays, because the order of releases depends on it."""
    load_releases(database, ("1.0.0", [ONE, TWO]))
    remaining = dataset([ONE])
    later = release("1.0.0", remaining).model_copy(update={"published_at": datetime(2030, 1, 1, tzinfo=UTC)})
    past = next(iter(histories([("1.0.0", remaining)])))
    with pytest.raises(LoadError, match=r"release 1\.0\.0 is loaded with published_at"):
        load_editions(database, [Edition.of(later, remaining, past)], [tombstone("two")])


def test_a_loaded_release_can_be_compared_with_the_seeds(database: Engine) -> None:
    """Reading a release back gives what was loaded, so a release without a record is recognised."""
    real = real_seeds().dataset
    extra = real.records[0].model_copy(update={"id": "extra", "statement": "To be removed."})
    whole = real.model_copy(update={"records": [*real.records, extra]})
    for of, removed in ((whole, ()), (real, ["extra"])):
        past = next(iter(histories([("1.0.0", of)])))
        edition = Edition.of(release("1.0.0", of), of, past)
        assert load_editions(database, [edition], [tombstone(one) for one in removed]).changed
    assert ("1.0.0", "extra") not in documents(database)


def test_a_release_that_is_not_in_the_seeds_must_not_keep_the_record(database: Engine) -> None:
    """The load is refused, because it can't remove the record from a release that the seeds don't have."""
    load_releases(database, ("1.0.0", [ONE, TWO]), ("2.0.0", [TWO]))
    before = everything(database)
    with pytest.raises(LoadError, match=r"don't have release 2\.0\.0, which is loaded and holds two"):
        load_releases(database, ("1.0.0", [ONE]), gone=["two"])
    assert everything(database) == before


def test_a_chosen_dev_must_not_keep_the_record(database: Engine) -> None:
    """If `dev` was chosen by hand, the load says to choose another release first."""
    load_releases(database, ("1.0.0", [ONE]), ("dev", [ONE, TWO]))
    use(database, "dev")
    with pytest.raises(LoadError, match="run `upheld use latest`, then load again"):
        load_releases(database, ("1.0.0", [ONE]), gone=["two"])
    use(database, "1.0.0")
    assert load_releases(database, ("1.0.0", [ONE]), gone=["two"])
    assert '"two"' not in everything(database)
