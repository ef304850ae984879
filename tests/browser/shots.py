"""Photograph every page, on a phone and on a desk, in light and dark: `make shots`."""

import shutil
from typing import Literal

from app.settings import PROJECT
from tests.browser.pages import PAGES
from tests.browser.windows import launched, served
from tests.postgresql import new_database, postgresql

SHOTS = PROJECT / "shots"
WIDTHS = (360, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Put a picture of each page into `shots/`, in the place of those that were there."""
    shutil.rmtree(SHOTS, ignore_errors=True)
    with (
        launched() as browser,
        postgresql() as server,
        new_database(server) as database,
        served(database) as address,
    ):
        for scheme in SCHEMES:
            for width in WIDTHS:
                page = browser.new_page(
                    base_url=address, color_scheme=scheme, viewport={"width": width, "height": 800}
                )
                for name, path in PAGES.items():
                    page.goto(path, wait_until="networkidle")
                    page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png", full_page=True)
                page.close()


if __name__ == "__main__":
    main()
