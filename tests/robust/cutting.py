"""A line between client and server that can lose an answer after the server has given it."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from threading import Thread

from tests.server import Server

NOW = struct.pack("ii", 1, 0)  # SO_LINGER: close without a farewell, as a lost line does


@contextmanager
def cut(server: Server) -> Iterator[int]:
    """Yield a port on which every request reaches the server and no answer comes back."""
    listening = socket.create_server((server.host, 0))
    loop = Thread(target=_serve, args=(listening, server), daemon=True)
    loop.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        loop.join(10)


def _serve(listening: socket.socket, server: Server) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        with client, socket.create_connection((server.host, server.port), 30) as upstream:
            upstream.sendall(_request(client))
            answer = HTTPResponse(upstream)
            answer.begin()
            answer.read()  # the server has committed and answered
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)


def _request(client: socket.socket) -> bytes:
    """Return one whole request."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += client.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    missing = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
    while missing > 0:
        part = client.recv(65536)
        got, missing = got + part, missing - len(part)
    return got
