"""The JSON interface as its own description tells it, with somebody who may use each operation."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.web.permissions import ALLOWED
from tests import make
from tests.client import Client
from tests.robust.cast import Cast

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One operation: where it is, who calls it, and whether it takes a body."""

    method: str
    path: str
    role: Role
    has_body: bool

    @property
    def name(self) -> str:
        """Return what a failure is reported under."""
        return f"{self.method} {self.path} as {self.role}"


def operations(described: dict[str, Any], browser: Client, cast: Cast) -> Iterator[Operation]:
    """Yield every described operation, its path filled with records of the cast."""
    adapter = browser.application.url_map.bind("")
    for template, methods in described["paths"].items():
        for method, facts in methods.items():
            if method in METHODS:
                path = filled(template, cast)
                endpoint = adapter.match(path, method=method.upper())[0]
                role = next(role for role in cast.bearers if role in ALLOWED[endpoint])
                taken = facts.get("requestBody", {}).get("content", {})
                yield Operation(method.upper(), path, role, "application/json" in taken)


def filled(template: str, cast: Cast) -> str:
    """Return an address of something that is there."""
    known = {
        "plot_id": cast.plot,
        "token": cast.task,
        "town": make.ZHUXI,
        "code": make.ZHUXI if "/towns/" in template else "QY1",
        "person_id": str(cast.callers[Role.WORKER].person_id),
        "request_id": cast.visit,
        "photo_id": cast.visit,
        "prescription_id": cast.prescription,
        "line_id": cast.line,
        "payment_id": cast.payment,
        "session_id": cast.plot,
        "ticket": cast.plot,
        "day": "2026-11-20",
        **cast.work,
    }
    for name, value in known.items():
        template = template.replace("{" + name + "}", value)
    assert "{" not in template, template
    return template


def plot_body(**values: Any) -> dict[str, Any]:
    """Return a body that registers a plot."""
    body = {"name": "坡", "village_code": make.VILLAGE, "area_mu": "2", "variety": "chunjin"}
    return {**body, "id": str(new_id()), **values}
