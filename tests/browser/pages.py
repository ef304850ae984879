"""The pages that the browser looks at, each by its name, and what each may load."""

FIGURE = "met-2012-2018-complaints-upheld"
OTHER = "ew-2018-2021-misconduct-proven"
INCIDENT = "met-everard-vigil"

PAGES = {
    "start": "/",
    "start-filtered": "/?force=metropolitan",
    "start-empty": "/?force=dorset",
    "start-refused": "/?force=metropolitian&period=2020-21",
    "figure": f"/figures/{FIGURE}",
    "figure-undated": "/figures/ew-past-year-investigated",
    "figure-not-disclosed": "/figures/met-2012-2018-upheld-criminal-investigation",
    "figure-pinned": f"/figures/{FIGURE}?release=1.0.0",
    "incident": f"/incidents/{INCIDENT}",
    "compare": "/compare",
    "compare-two": f"/compare?a={FIGURE}&b={OTHER}",
    "embed": f"/embed/figures/{FIGURE}",
    "docs": "/docs",
    "guide": "/guide",
    "guide-methodology": "/guide/methodology",
    "guide-clients": "/guide/clients",
    "guide-decision": "/guide/decisions/0001-one-table-of-records",
    "problems": "/problems",
    "problem": "/problems/not-found",
    "missing": "/guide/methodolgy",
    "missing-figure": "/figures/met-2012-2018-complaint",
}

REFUSED = {"start-refused": 422, "missing": 404, "missing-figure": 404}
"""Pages that say that something was wrong, each with its status; all others are 200."""
