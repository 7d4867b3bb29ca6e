"""The closed lists of the visits room, and the numbers by which the service runs: from data/."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One trouble that can be tapped."""

    code: str
    harm: int
    icon: str


@dataclass(frozen=True)
class Diagnosis:
    """One thing that can be wrong; a quarantine organism is to be reported."""

    code: str
    source: str
    confidence: str
    report: bool


@dataclass(frozen=True)
class Action:
    """One thing that can be prescribed, and how long it may wait."""

    code: str
    on_time_days: int
    until_days: int
    harm: int


@dataclass(frozen=True)
class Service:
    """How the service runs."""

    visits_a_day: int
    days_ahead: int
    double_within_days: int
    correct_within_days: int
    waiting_long_days: int
    old_owner_reads_days: int
    assigned_after_days: int
    faces_from: int
    denied: tuple[str, ...]


@cache
def problems() -> dict[str, Problem]:
    """Return what can be tapped as the trouble of a plot, in the order of the page."""
    rows = _read("problems")["problem"]
    return {row["code"]: Problem(row["code"], row["harm"], row["icon"]) for row in rows}


@cache
def diagnoses() -> dict[str, Diagnosis]:
    """Return what can be diagnosed, in the order of the page."""
    raw = _read("diagnoses")
    return {
        row["code"]: Diagnosis(
            row["code"],
            raw["sources"][row["source"]],
            row["confidence"],
            row.get("report", False),
        )
        for row in raw["diagnosis"]
    }


@cache
def actions() -> dict[str, Action]:
    """Return what can be prescribed, in the order of the page."""
    rows = _read("actions")["action"]
    return {
        row["code"]: Action(row["code"], row["on_time"], row["until"], row["harm"]) for row in rows
    }


@cache
def service() -> Service:
    """Return the numbers by which the service runs."""
    raw = _read("service")
    return Service(
        visits_a_day=raw["visits_a_day"]["value"],
        days_ahead=raw["days_ahead"]["value"],
        double_within_days=raw["double_within"]["value"],
        correct_within_days=raw["correct_within"]["value"],
        waiting_long_days=raw["waiting_long"]["value"],
        old_owner_reads_days=raw["old_owner_reads"]["value"],
        assigned_after_days=raw["assigned_after"]["value"],
        faces_from=raw["faces_from"]["value"],
        denied=tuple(raw["denied"]["names"]),
    )


def _read(name: str) -> dict[str, Any]:
    text = files("orchard.visits").joinpath("data", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)
