"""The server's listening socket, bound before the slow part of startup."""

import socket

from app.errors import UpheldError


class ListenError(UpheldError):
    """The server can't listen on this address."""


def bind(host: str, port: int) -> socket.socket:
    """Bind an address before the slow part of startup; connections are refused until `listen`.

    Raises:
        ListenError: the port is taken, or the host is not an address of this machine.

    """
    server = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, port))
    except OSError as error:
        server.close()
        reason = (error.strerror or str(error)).lower()
        raise ListenError(f"can't listen on {host}:{port}: {reason}; try another --port or --host") from error
    return server
