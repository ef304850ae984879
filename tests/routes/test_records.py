"""Records in the API, as clients request them."""

import pytest
from httpx import AsyncClient

pytestmark = pytest.mark.anyio


async def test_upheld_share_of_met_complaints(client: AsyncClient) -> None:
    """The question the project was made for is answered, with base, share and evidence."""
    answer = await client.get("/v1/outcomes?force=metropolitan&period=2012/2018&outcome=upheld")
    assert answer.status_code == 200
    (figure,) = answer.json()["data"]
    assert (figure["value"], figure["share"]) == (119, 0.2003)
    assert figure["base"]["id"] == "met-2012-2018-complaints"
    assert figure["evidence"][0]["as_printed"] == "119"


async def test_permalinks_lead_to_their_record(client: AsyncClient) -> None:
    """A citation's permalink leads programs to the record, in the release it names."""
    figure = (await client.get("/v1/figures/met-2012-2018-complaints")).json()
    _, _, permalink = figure["citation"].rpartition(" ")
    answer = await client.get(permalink, headers={"Accept": "application/json"}, follow_redirects=True)
    assert answer.json() == figure
    assert str(answer.url).endswith(f"?release={figure['changed_release']}")
