"""What every answer goes through on its way out, whatever made it. Pure ASGI: nothing is buffered."""

import os
from http import HTTPStatus
from itertools import count

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from app import errors
from app.answers import HEAD_ONLY

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
"""What a page may do: nothing but with this server, and no script or style that stands in the page itself."""

EMBEDDED = "/embed/"
"""Where the pages are that other sites show in theirs; no other page may be framed."""

REQUEST_ID = "X-Request-ID"
LONGEST_REQUEST_ID = 128

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


class OpenToAll:
    """Let pages of any origin read every answer, errors too, and give each answer its request's id.

    The data are public and nothing depends on who asks, so that the header is always the same. (Starlette's
    middleware adds `Vary: Origin`, which would have shared caches keep a copy for each newsroom.)
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight; pass any other request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        request_id = request_id_for(asked.get(REQUEST_ID, "").encode("latin-1")).decode()

        async def opened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                headers["Access-Control-Allow-Origin"] = "*"
                headers["Access-Control-Expose-Headers"] = f"ETag, Link, {REQUEST_ID}"
                headers[REQUEST_ID] = request_id
            await send(message)

        if scope["method"] == "OPTIONS" and "access-control-request-method" in asked:
            allowed = {
                "Access-Control-Allow-Methods": "GET, HEAD",
                "Access-Control-Allow-Headers": "*",
                "Access-Control-Max-Age": "86400",
            }
            await Response(None, HTTPStatus.NO_CONTENT, allowed)(scope, receive, opened)
            return
        # Whatever is logged meanwhile says on account of which request.
        with bound_contextvars(request_id=request_id):
            await self.app(scope, receive, opened)


class GuardPages:
    """Tell browsers what a page may do, whichever route or error it comes of, and to take no answer for another."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with what browsers are told."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                headers["X-Content-Type-Options"] = "nosniff"
                if headers.get("content-type", "").startswith("text/html"):
                    ancestors = "*" if scope["path"].startswith(EMBEDDED) else "'none'"
                    headers["Content-Security-Policy"] = POLICY.format(ancestors=ancestors)
                    headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
            await send(message)

        await self.app(scope, receive, guarded)


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
            await errors.fault(Request(scope), error)(scope, receive, send)
