"""A Python client: it passes the type checker only if the generated package has everything it reads."""

import sys

from generated import Client
from generated.api.analysis import get_comparison
from generated.api.records import get_complaint, list_figures, list_outcomes
from generated.models import Comparison, Figure, FigureSort, ListOfFigures, Problem, Unit

with Client(base_url=sys.argv[1]) as client:
    page = list_outcomes.sync(
        client=client, force=["metropolitan"], period="2012/2018", outcome=["upheld"], sort=FigureSort.ID_DESC
    )
    assert isinstance(page, ListOfFigures)
    (upheld,) = page.data
    assert isinstance(upheld, Figure)
    assert upheld.unit is Unit.COMPLAINT
    assert upheld.base is not None
    print(upheld.value, upheld.unit, upheld.base.id, upheld.share, page.meta.total)

    unknown = get_complaint.sync_detailed("met-2012-2018-complaint", client=client)
    assert isinstance(unknown.parsed, Problem)
    print(unknown.parsed.status, unknown.parsed.nearest)

    refused = list_figures.sync(client=client, limit=1000)
    assert isinstance(refused, Problem)
    assert isinstance(refused.errors, list)
    print(refused.status, refused.errors[0].code)

    compared = get_comparison.sync(
        client=client, a="met-2012-2018-upheld-removed", b="ew-2018-2021-misconduct-proven"
    )
    assert isinstance(compared, Comparison)
    print(compared.verdict, compared.difference)
