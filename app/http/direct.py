"""Routes whose functions read the request themselves."""

from collections.abc import Callable, Iterable

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.problems import Problem


class Direct(APIRoute):
    """A route that hands its function the request and the ids in its address, and nothing else.

    Every parameter is described, and refused where it is wrong, by `queries`; FastAPI would take as long as the
    rest of a short answer to find that nothing is left for it to do.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; one by another method is refused as on any route."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        response: Response = await self.endpoint(request, **request.path_params)
        await response(scope, receive, send)


class Shortcut:
    """Stands before all routes, and takes a request to a direct one whose address has no gaps without a search.

    The framework tries one route after the other, and each of those of a router twice. Any other request, and one
    by another method, is for it to answer.
    """

    def __init__(
        self, app: ASGIApp, routes: Iterable[BaseRoute], answer: Callable[[Request, Problem], Response]
    ) -> None:
        """Stand before the application; problems are answered in a way of the caller's choice."""
        self.app = app
        self._answer = answer
        direct = (route for route in routes if isinstance(route, Direct))
        self._routes = {route.path: route for route in direct if "{" not in route.path}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        is_get = scope["type"] == "http" and scope["method"] == "GET"
        route = self._routes.get(scope["path"]) if is_get else None
        if route is None:
            await self.app(scope, receive, send)
            return
        scope["route"] = route
        request = Request(scope, receive, send)
        try:
            response: Response = await route.endpoint(request)
        except Problem as problem:
            response = self._answer(request, problem)
        await response(scope, receive, send)
