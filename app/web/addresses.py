"""Clean up URLs as people share them: with tracking parameters added by other sites, or a trailing slash."""

from http import HTTPStatus
from urllib.parse import quote, unquote_plus

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

TRACKING = frozenset(
    {
        *("fbclid", "gclid", "gbraid", "wbraid", "dclid", "gad_source", "msclkid", "twclid", "ttclid", "li_fat_id"),
        *("igshid", "igsh", "yclid", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "srsltid", "ref_src"),
        *("_ga", "_gl", "gad_campaignid", "epik", "mibextid", "rdt_cid"),
    }
)
TRACKING_PREFIX = "utm_"
"""Prefix of parameters that social networks, advertisers and newsletters add to every link."""

API = ("/v1", "/health", "/metrics", "/openapi.json")
"""Paths for programs, where unknown parameters are refused."""

MAX_PATH = 300
"""The longest path to redirect; no real path is longer."""


class TidyAddresses:
    """ASGI middleware: redirect URLs with a trailing slash, and drop tracking parameters from page URLs."""

    def __init__(self, app: ASGIApp) -> None:
        """Tidy the URLs of requests to an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect a request, or pass it on without tracking parameters."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, query = scope["path"], scope["query_string"]
        if query and not path.startswith(API):
            query = without_tracking(query)
            scope = {**scope, "query_string": query}
        if path.endswith("/") and scope["method"] == "GET" and is_redirected(path):
            there = quote(path[:-1]) + (f"?{query.decode('latin-1')}" if query else "")
            await RedirectResponse(there, HTTPStatus.PERMANENT_REDIRECT)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_redirected(path: str) -> bool:
    """Whether to redirect a path with a trailing slash: not the front page, nor a path that names another host."""
    return 1 < len(path) <= MAX_PATH and not path.startswith("//") and not path.endswith("//")


def without_tracking(query: bytes) -> bytes:
    """Return a query string without tracking parameters; leave the others as they are."""
    parts = query.split(b"&")
    return b"&".join(part for part in parts if not _is_tracking(part.partition(b"=")[0].decode("latin-1")))


def _is_tracking(name: str) -> bool:
    name = unquote_plus(name).lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIX)
