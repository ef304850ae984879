"""What every answer goes through on its way out, whatever made it. Pure ASGI: nothing is buffered."""

import os
from http import HTTPStatus
from itertools import count

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from app.http import problems
from app.http.answer import HEAD_ONLY

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
"""What a page may do: nothing but with this server, and no script or style that stands in the page itself."""

EMBEDDED = "/embed/"
"""Where the pages are that other sites show in theirs; no other page may be framed."""

REQUEST_ID = "X-Request-ID"
LONGEST_REQUEST_ID = 128

TO_ALL = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", f"ETag, Link, {REQUEST_ID}".encode()),
    (b"x-content-type-options", b"nosniff"),
)
"""What every answer says to browsers, errors too."""

PROCESS = os.urandom(8).hex().encode()
"""Tells the requests of this process from those of all others; no secret, so that a number may follow."""

_numbers = count(1)


def request_id_for(given: bytes) -> bytes:
    """Return the id of a request: the one that it was given on its way here, if that can be shown, or a new one."""
    if 0 < len(given) <= LONGEST_REQUEST_ID and given.isascii() and given.decode().isprintable():
        return given
    return b"%b%012x" % (PROCESS, next(_numbers))


class AnswerHead:
    """Answer HEAD as GET would be, without the body (RFC 9110, section 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; a HEAD request as GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET", HEAD_ONLY: True}, receive, without_body)


class TellBrowsers:
    """Tell browsers that any page may read an answer and none may take it for another, and what ours may do.

    The data are public and nothing depends on who asks, so that what is told of that is always the same.
    (Starlette's middleware adds `Vary: Origin`, which would have shared caches keep a copy for each newsroom.) Each
    answer gets its request's id as well.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight; pass any other request on, and its answer back with what browsers are told."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        request_id = request_id_for(asked.get(REQUEST_ID, "").encode("latin-1"))

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                fields = [*message.get("headers", []), *TO_ALL, (REQUEST_ID.lower().encode(), request_id)]
                message["headers"] = fields
                if Headers(raw=fields).get("content-type", "").startswith("text/html"):
                    ancestors = "*" if scope["path"].startswith(EMBEDDED) else "'none'"
                    policy = POLICY.format(ancestors=ancestors).encode()
                    referrers = b"strict-origin-when-cross-origin"
                    fields += [(b"content-security-policy", policy), (b"referrer-policy", referrers)]
            await send(message)

        if scope["method"] == "OPTIONS" and "access-control-request-method" in asked:
            allowed = {
                "Access-Control-Allow-Methods": "GET, HEAD",
                "Access-Control-Allow-Headers": "*",
                "Access-Control-Max-Age": "86400",
            }
            await Response(None, HTTPStatus.NO_CONTENT, allowed)(scope, receive, told)
            return
        # Whatever is logged meanwhile says on account of which request.
        with bound_contextvars(request_id=request_id.decode()):
            await self.app(scope, receive, told)


class AnswerFaults:
    """Answer a fault of ours as a problem, as long as nothing has been sent; then it can only be cut off."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and catch what goes wrong."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if started:
                raise
            await problems.fault(Request(scope), error)(scope, receive, send)
