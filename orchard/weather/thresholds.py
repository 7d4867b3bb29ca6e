"""The numbers of the weather rules: read once from data/thresholds.toml, checked, by date.

Each row has value, unit, source, confidence and the day from which it holds.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

FILE = Path(__file__).with_name("data") / "thresholds.toml"
GROUPS = ("frost", "heat", "spray", "age")  # the groups that people act on
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One number with what it needs to be believed."""

    code: str
    value: float
    unit: str
    source: str
    source_zh: str
    confidence: str
    valid_from: date


@cache
def thresholds() -> tuple[Threshold, ...]:
    """Return every row of the data file, checked; a wrong row stops the program at once."""
    rows = [Threshold(**row) for row in tomllib.loads(FILE.read_text("utf-8"))["threshold"]]
    for row in rows:
        number = isinstance(row.value, int | float) and not isinstance(row.value, bool)
        if not (number and row.unit and row.source and row.source_zh):
            raise ValueError(f"{FILE.name}: {row.code} needs value, unit and source")
        if row.confidence not in ("H", "M", "L") or type(row.valid_from) is not date:
            raise ValueError(f"{FILE.name}: {row.code} needs confidence and valid_from")
    if len({(row.code, row.valid_from) for row in rows}) != len(rows):
        raise ValueError(f"{FILE.name}: a code twice for one day")
    return tuple(rows)


@cache
def in_force(on: date) -> Mapping[str, Threshold]:
    """Return the rows that hold on a day: of each code the newest; the first holds before it."""
    chosen: dict[str, Threshold] = {}
    for row in sorted(thresholds(), key=lambda row: row.valid_from):
        if row.valid_from <= on or row.code not in chosen:
            chosen[row.code] = row
    return MappingProxyType(chosen)


def group(kind: type[T], prefix: str, on: date) -> T:
    """Return the limits of one group as its dataclass; a missing or extra row is an error."""
    rows = {
        code.partition(".")[2]: row.value
        for code, row in in_force(on).items()
        if code.startswith(prefix + ".")
    }
    if set(rows) != {field.name for field in fields(cast(Any, kind))}:
        raise ValueError(f"{FILE.name}: rows of {prefix} and {kind.__name__} differ")
    return kind(**rows)


def shown(on: date) -> list[Threshold]:
    """Return the rows that people act on, in the order of the file, for the page of sources."""
    return [row for code, row in in_force(on).items() if code.partition(".")[0] in GROUPS]
