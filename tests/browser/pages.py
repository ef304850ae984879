"""The pages that the browser tests open."""

from playwright.sync_api import Page

FIGURE = "met-2012-2018-complaints-upheld"
OTHER = "ew-2018-2021-misconduct-proven"
INCIDENT = "met-everard-vigil"

PAGES = {
    "start": "/",
    "start-table": "/?view=table",
    "start-search": "/?q=sacked",
    "compare-search": "/compare?q=upheld",
    "start-filtered": "/?force=metropolitan",
    "start-wider": "/?force=metropolitan&force_scope=areas&period=2018&include_undated=true",
    "start-empty": "/?force=dorset",
    "start-refused": "/?force=metropolitian&period=2020-21",
    "figure": f"/figures/{FIGURE}",
    "figure-undated": "/figures/ew-past-year-investigated",
    "figure-not-disclosed": "/figures/met-2012-2018-upheld-criminal-investigation",
    "figure-pinned": f"/figures/{FIGURE}?release=1.0.0",
    "incident": f"/incidents/{INCIDENT}",
    "compare": "/compare",
    "compare-two": f"/compare?a={FIGURE}&b={OTHER}",
    "compare-withheld": "/compare?a=ew-2016-investigated&b=ew-past-year-investigated",
    "forces": "/forces",
    "forces-search": "/forces?q=wales",
    "force": "/forces/metropolitan",
    "force-without-record": "/forces/kent",
    "sources": "/sources",
    "source": "/sources/wrp-2021-10",
    "topics": "/topics",
    "topic": "/topics/sexual-misconduct",
    "coverage": "/coverage",
    "coverage-all": "/coverage?view=all",
    "series": "/series",
    "rates": "/rates",
    "releases": "/releases",
    "release": "/releases/1.0.0",
    "about": "/about",
    "missing-force": "/forces/metropolitian",
    "embed": f"/embed/figures/{FIGURE}",
    "embed-incident": f"/embed/incidents/{INCIDENT}",
    "embed-compare": f"/embed/compare?a={FIGURE}&b={OTHER}",
    "docs": "/docs",
    "guide": "/guide",
    "guide-methodology": "/guide/methodology",
    "guide-clients": "/guide/clients",
    "problems": "/problems",
    "problem": "/problems/not-found",
    "missing": "/guide/methodolgy",
    "missing-figure": "/figures/met-2012-2018-complaint",
}
"""Their addresses by name."""

STATUSES = {"start-refused": 422, "missing": 404, "missing-figure": 404, "missing-force": 404}
"""The statuses of pages that don't answer 200."""


def open_page(page: Page, name: str) -> None:
    """Go to a page and wait until everything on it has loaded."""
    answer = page.goto(PAGES[name])
    assert answer is not None
    assert answer.status == STATUSES.get(name, 200)
    if name == "docs":
        page.wait_for_selector(".opblock-tag")
