"""Routes whose functions read the request themselves."""

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send


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
