"""What is sent to the doors of hiring, for the record that is knocked at."""

from typing import Any

from orchard.ids import new_id
from tests import make
from tests.access.case import Body
from tests.access.cast import Cast
from tests.hiring import filling


def offer(**more: Any) -> Body:
    """Return a way to say an opening, with more of its fields."""
    return lambda cast, subject: {**filling.offer(), "rate_yuan": "130", **more}


def _firm(cast: Cast) -> str:
    return str(cast.records["hiring"]["hiring:firm"]["employer_id"])


def published(cast: Cast, subject: str) -> dict[str, Any]:
    """Publish an opening of the firm."""
    return {**filling.offer(), "rate_yuan": "130", "employer_id": _firm(cast)}


def employer(cast: Cast, subject: str) -> dict[str, Any]:
    """Open an employer."""
    return {"id": str(new_id()), "name": "新户", "village_code": make.VILLAGE}


def corrected(cast: Cast, subject: str) -> dict[str, Any]:
    """Correct an employer's name."""
    seen = cast.records["hiring"].get(subject, {}).get("seen", ("无", make.VILLAGE))
    return {
        "name": "改名",
        "village_code": seen[1],
        "seen_name": seen[0],
        "seen_village_code": seen[1],
    }


def step(cast: Cast, subject: str) -> dict[str, Any]:
    """Take a step with a workshop."""
    return {"id": str(new_id()), "kind": "recognised", "on_day": "2026-11-01"}


def person(cast: Cast, subject: str) -> dict[str, Any]:
    """Register somebody new."""
    return filling.person(name="全新人")


def facts(cast: Cast, subject: str) -> dict[str, Any]:
    """Correct somebody's name."""
    return {"name": "刘洪"}


def crew(cast: Cast, subject: str) -> dict[str, Any]:
    """Make a crew."""
    return {"id": str(new_id()), "name": "二组"}


def hire(cast: Cast, subject: str) -> dict[str, Any]:
    """Hire somebody, or change his hire."""
    kept = cast.records["hiring"]["hiring:own"]
    return {
        **filling.hire_form(_firm(cast), kept["person_id"]),
        "version": "1",
        "started_on": "2026-11-01",
    }


def end(cast: Cast, subject: str) -> dict[str, Any]:
    """End a hire."""
    return {"version": 1, "ended_on": "2026-11-22"}


def say(cast: Cast, subject: str) -> dict[str, Any]:
    """Answer a hire."""
    return {"version": 1}


def status(cast: Cast, subject: str) -> dict[str, Any]:
    """Write a status."""
    return {
        "id": str(new_id()),
        "kind": "monitored",
        "from_on": "2026-01-01",
        "reason": "名册",
    }


def reason(cast: Cast, subject: str) -> dict[str, Any]:
    """Give a reason."""
    return {"reason": "核对"}


def decision(cast: Cast, subject: str) -> dict[str, Any]:
    """Decide that two are one."""
    own, fellow = (cast.records["hiring"][name]["person_id"] for name in ("hiring:own", "double"))
    return {
        "id": str(new_id()),
        "person_id": str(own),
        "other_id": str(fellow),
        "is_same": True,
    }
