"""A client of the interface, and what its answers took while many call at once."""

import json
import os
from time import monotonic
from typing import Any

from tests.server import Answer, Browser, Server


def crowding() -> float:
    """Return by how much this machine is taken by others: limits hold where it is not.

    A check that `.ci/run` makes alone has the machine to itself: its limit is the limit.
    """
    if "ORCHARD_CAMPAIGN_ALONE" in os.environ:
        return 1.0
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def percentile(values: list[float], part: float) -> float:
    """Return the value that this part of all values does not exceed."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


class Program:
    """A client of the JSON interface that notes how long each answer took."""

    def __init__(self, server: Server, secret: str, port: int | None = None) -> None:
        self.browser = Browser(server, port=port)
        self.signed = {
            "Authorization": f"Bearer 500154.{secret}",
            "Content-Type": "application/json",
        }
        self.took: list[float] = []

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request; return status and parsed body."""
        begun = monotonic()
        answer = self.send(method, path, body)
        self.took.append(monotonic() - begun)
        return answer.status, json.loads(answer.body)

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        """Send one request."""
        sent = None if body is None else json.dumps(body).encode()
        return self.browser.send(method, f"/api/v1{path}", sent, **self.signed)
