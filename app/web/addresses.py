"""Addresses as people share them: with other sites' tracking parameters, or a slash at the end."""

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
"""Names that social networks, advertisers and newsletters add to every link, whatever it leads to."""

API = ("/v1", "/health", "/metrics", "/openapi.json")
"""Paths for programs, which refuse every unknown parameter."""

MAX_PATH = 300
"""The longest path that is redirected."""


class TidyAddresses:
    """ASGI middleware: redirect addresses that end in a slash, and drop tracking parameters from those of pages."""

    def __init__(self, app: ASGIApp) -> None:
        """Tidy the addresses of requests to an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect a request, or pass it on without its tracking parameters."""
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
    """Whether an address with a slash at its end is redirected: not the front page, nor another host's address."""
    return 1 < len(path) <= MAX_PATH and not path.startswith("//") and not path.endswith("//")


def without_tracking(query: bytes) -> bytes:
    """Return a query string without the parameters that only track readers; the others stay as they are."""
    parts = query.split(b"&")
    return b"&".join(part for part in parts if not _is_tracking(part.partition(b"=")[0].decode("latin-1")))


def _is_tracking(name: str) -> bool:
    name = unquote_plus(name).lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIX)
