"""Routes whose functions read the request themselves."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute


class Direct(APIRoute):
    """A route that hands its function the request and the ids in its address, and nothing else.

    Every parameter is described, and refused where it is wrong, by `queries`; FastAPI would take as long as the
    rest of a short answer to find that nothing is left for it to do.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        endpoint = self.endpoint

        async def answer(request: Request) -> Response:
            response: Response = await endpoint(request, **request.path_params)
            return response

        return answer
