"""A release's rows: every column has a value in at least one row."""

from app.database.rows import columns, rows_of
from app.domain.dataset import Category, Workforce
from app.releases.history import histories
from tests.database.support import records
from tests.made import SOURCE, dataset, release


def test_every_column_is_named() -> None:
    """A column that no row sets would silently be null, so every column must appear in some row."""
    category = Category.model_validate({"dimension": "sex", "id": "male", "label": "M", "definition": "M."})
    codes = dataset([]).codes.model_copy(update={"breakdown": [category]})
    facts = {"force": "kent", "as_at": "2020-03-31", "source": SOURCE.id, "headcount": {"officer": 2}}
    workforces = [Workforce.model_validate({**facts, "fte": {"officer": 1.5}})]
    others = {"codes": codes, "workforces": workforces}
    held = [(version, dataset(records(value), **others)) for version, value in (("1.0.0", 10), ("2.0.0", 11))]
    *_, history = histories(held)
    for model, rows in rows_of(held[-1][1], release(*held[-1]), history):
        named = set().union(*rows)
        unnamed = set(columns(model)) - {"release_id"} - named
        assert not unnamed, f"{model.name}: fill them in app/database/rows.py; `records` must have an example"
