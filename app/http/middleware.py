"""Headers added to every answer, and HEAD. Pure ASGI: nothing is buffered."""

import os
from collections.abc import Awaitable
from http import HTTPStatus
from itertools import count

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.answer import IS_HEAD

REQUEST_ID = "X-Request-ID"
MAX_REQUEST_ID = 128

EXPOSED = ("Accept-Ranges", "Content-Range", "ETag", "Link", REQUEST_ID, "X-Upheld-Warnings")
"""Headers that scripts on other sites may read."""

ON_EVERY_ANSWER = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", ", ".join(EXPOSED).encode()),
    (b"x-content-type-options", b"nosniff"),
)

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}

PROCESS = os.urandom(8).hex().encode()
"""Prefix that makes this process's request ids unique; not a secret, so a counter can follow it."""

_numbers = count(1)


def request_id_of(scope: Scope) -> bytes:
    """Return the request's own id if it's short and printable, or a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given: bytes = value
            if 0 < len(given) <= MAX_REQUEST_ID and given.isascii() and given.decode().isprintable():
                return given
            break
    return b"%b%012x" % (PROCESS, next(_numbers))


class AddHeaders:
    """ASGI middleware: add CORS, nosniff and the request id to every answer, answer preflights, route HEAD as GET.

    The data are public and answers don't depend on the client, so the headers are always the same. Starlette's CORS
    middleware adds `Vary: Origin`, which would make shared caches keep a copy for each newsroom.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Add headers to an application's answers."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight; pass any other request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = request_id_of(scope)

        def with_headers(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *ON_EVERY_ANSWER, (b"x-request-id", request_id)]
            return send(message)

        method = scope["method"]
        if method == "OPTIONS" and "access-control-request-method" in Headers(scope=scope):
            await Response(None, HTTPStatus.NO_CONTENT, PREFLIGHT)(scope, receive, with_headers)
            return
        scope.setdefault("state", {})["request_id"] = request_id.decode()
        if method == "HEAD":
            scope = {**scope, "method": "GET", IS_HEAD: True}
        await self.app(scope, receive, with_headers)
