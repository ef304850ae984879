"""Save a screenshot of every page, on a phone and on a desktop, in light and dark: `make shots`."""

import shutil
from typing import Literal

from app.settings import PROJECT
from tests.browser.chromium import launched
from tests.browser.pages import PAGES, open_page
from tests.browser.serving import served
from tests.postgresql import new_database, postgresql

SHOTS = PROJECT / "shots"
WIDTHS = (360, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Replace everything in `shots/`."""
    shutil.rmtree(SHOTS, ignore_errors=True)
    with (
        launched() as browser,
        postgresql() as server,
        new_database(server) as database,
        served(database) as address,
    ):
        page = browser.new_page(base_url=address)
        for name in PAGES:
            open_page(page, name)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": 800})
                    page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png", full_page=True)


if __name__ == "__main__":
    main()
