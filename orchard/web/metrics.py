"""How many requests of each page were answered how fast; no address, no person."""

from functools import cache
from time import perf_counter

from flask import Response, g, request
from prometheus_client import Counter, Histogram

ANSWERED = Counter("orchard_requests", "Answers by endpoint and status", ["endpoint", "status"])
SECONDS = Histogram(
    "orchard_request_seconds",
    "Time to answer",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def begin() -> None:
    """Note when a request came in."""
    g.began = perf_counter()


def end(response: Response) -> Response:
    """Count the answer under its endpoint."""
    endpoint = request.endpoint or "none"
    _answered(endpoint, response.status_code).inc()
    if "began" in g:
        _seconds(endpoint).observe(perf_counter() - g.began)
    return response


@cache
def _answered(endpoint: str, status: int) -> Counter:
    return ANSWERED.labels(endpoint, str(status))


@cache
def _seconds(endpoint: str) -> Histogram:
    return SECONDS.labels(endpoint)
