"""What every list format has to do."""

import io
import zipfile

import pytest
from httpx import AsyncClient

from app.formats.lists import LIST_FORMATS
from tests.api import PUBLIC

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", LIST_FORMATS)
async def test_permalinks_have_the_public_address(client: AsyncClient, name: str) -> None:
    """Records come with a placeholder for the public address: no format may escape it, or it would stay there."""
    sent = (await client.get(f"/v1/outcomes?outcome=upheld&format={name}")).content
    if LIST_FORMATS[name].is_binary:
        with zipfile.ZipFile(io.BytesIO(sent)) as packed:
            sent = b"".join(packed.read(one) for one in packed.namelist())
    assert f"{PUBLIC}/figures/met-2012-2018-complaints-upheld?release=".encode() in sent
