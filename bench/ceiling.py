"""The ceiling: an application that sends one fixed answer, on the server that Upheld runs on."""

import json
import os
from pathlib import Path

from starlette.types import Receive, Scope, Send

ANSWER = json.loads(Path(os.environ["UPHELD_BENCH_ANSWER"]).read_text("latin-1"))
BODY = ANSWER["body"].encode("latin-1")
START = {
    "type": "http.response.start",
    "status": ANSWER["status"],
    "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in ANSWER["headers"]],
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer every request with the same bytes."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send(START)
    await send({"type": "http.response.body", "body": BODY})
