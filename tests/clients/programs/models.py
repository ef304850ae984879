"""Check that every figure survives a round trip through the models from datamodel-code-generator."""

import sys

import httpx
from generated_models import FigureSort, ListOfFigures, Unit, ValueStatus

with httpx.Client(base_url=sys.argv[1]) as client:
    following: str | None = f"/v1/figures?sort={FigureSort.id_desc}&limit=500"
    count, unknown = 0, []
    while following:
        answer = client.get(following).raise_for_status().json()
        page = ListOfFigures.model_validate(answer, strict=False)
        assert page.model_dump(mode="json", by_alias=True) == answer
        assert all(isinstance(figure.unit, Unit) for figure in page.data)
        count += len(page.data)
        unknown += [figure.id for figure in page.data if figure.value is None]
        assert all((one.value is None) == (one.value_status is not ValueStatus.stated) for one in page.data)
        following = page.links.next
print(count == page.meta.total, *unknown)
