"""Twenty-four slow uploads, and what others feel of them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import perf_counter
from typing import Any

from orchard.bench import county
from orchard.bench.client import latencies_ms
from orchard.bench.figures import Target, mid, p95, told
from orchard.bench.servers import orchard_serve

CLIENTS, BYTES_A_SECOND, BODY = 24, 1024, 600_000
OTHERS_P95_MS = 100.0  # issue 2


def run(doors: county.Doors, *, seconds: float) -> dict[str, Any]:
    """Measure a home page alone, then while the uploads drip in."""
    with orchard_serve(doors.folder) as running:
        cookie = county.grower(running.port, doors)
        alone = latencies_ms(running.port, "/today", cookie, 100)
        with _dripping(running.port) as sent:
            taken: list[float] = []
            until = perf_counter() + seconds
            while perf_counter() < until:
                taken += latencies_ms(running.port, "/today", cookie, 20)
            alive = sent()
    facts = {
        "clients": CLIENTS,
        "clients_alive": alive,
        "bytes_a_second": BYTES_A_SECOND,
        "requests": len(taken),
        "alone_p50_ms": mid(alone),
        "alone_p95_ms": p95(alone),
        "others_p50_ms": mid(taken),
        "others_p95_ms": p95(taken),
    }
    targets = [
        Target("p95 of others, ms", p95(taken), most=OTHERS_P95_MS),
        Target("uploads still running", alive, least=CLIENTS),
    ]
    return told("uploads", facts, targets)


@contextmanager
def _dripping(port: int) -> Iterator[Any]:
    """Keep the uploads running; yields a function that counts those still accepted."""
    head = (
        "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/octet-stream\r\nContent-Length: {BODY}\r\n\r\n"
    ).encode()
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(CLIENTS)]
    for line in lines:
        line.sendall(head)
    stop, broken = Event(), set[int]()

    def drip() -> None:
        while not stop.wait(1.0):
            for number, line in enumerate(lines):
                try:
                    line.sendall(b"x" * BYTES_A_SECOND)
                except OSError:
                    broken.add(number)

    thread = Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield lambda: CLIENTS - len(broken)
    finally:
        stop.set()
        thread.join()
        for line in lines:
            line.close()
