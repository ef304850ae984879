"""The rows of a release: by name, and every column has its value."""

from app.database.rows import columns, rows_of
from app.domain.dataset import Category
from app.releases.history import histories
from tests.database.support import records
from tests.made import dataset, release


def test_every_column_is_named() -> None:
    """A column that no row names would be null without anybody noticing, so some row names each of them."""
    category = Category.model_validate({"dimension": "sex", "id": "male", "label": "M", "definition": "M."})
    codes = dataset([]).codes.model_copy(update={"breakdown": [category]})
    held = [(version, dataset(records(value), codes=codes)) for version, value in (("1.0.0", 10), ("2.0.0", 11))]
    *_, history = histories(held)
    for model, rows in rows_of(held[-1][1], release(*held[-1]), history):
        named = set().union(*rows)
        unnamed = set(columns(model)) - {"release_id"} - named
        assert not unnamed, (
            f"{model.__tablename__}: fill them in app/database/rows.py; `records` must have an example"
        )
