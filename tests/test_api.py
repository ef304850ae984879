"""The addresses of the API as clients meet them."""

import pytest
from httpx import AsyncClient

pytestmark = pytest.mark.anyio


async def test_upheld_share_of_met_complaints(client: AsyncClient) -> None:
    """The question that the project was made for has its answer, with base, share and evidence."""
    answer = await client.get("/v1/outcomes?force=metropolitan&period=2012/2018&outcome=upheld")
    assert answer.status_code == 200
    (figure,) = answer.json()["data"]
    assert (figure["value"], figure["share"]) == (119, 0.2003)
    assert figure["base"]["id"] == "met-2012-2018-complaints"
    assert figure["evidence"][0]["as_printed"] == "119"
