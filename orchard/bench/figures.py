"""Figures beside their limits: medians of rounds, ratios, and whether a target is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Target:
    """What a figure has to be: at most or at least so much."""

    name: str
    figure: float | None
    most: float | None = None
    least: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Say whether the target is met; None when nothing was measured."""
        if self.figure is None:
            return None
        above = self.least is None or self.figure >= self.least
        return above and (self.most is None or self.figure <= self.most)

    def told(self) -> dict[str, Any]:
        """Return the target as it is printed."""
        bound = {"most": self.most} if self.most is not None else {"least": self.least}
        return {"name": self.name, "figure": self.figure, **bound, "met": self.is_met}


def mid(values: Sequence[float], digits: int = 2) -> float:
    """Return the median, rounded."""
    return round(median(values), digits)


def p95(values: Sequence[float], digits: int = 2) -> float:
    """Return the value that 95 of 100 do not pass."""
    return round(sorted(values)[int(len(values) * 0.95)], digits)


def told(bench: str, facts: dict[str, Any], targets: Sequence[Target]) -> dict[str, Any]:
    """Return the one line of a benchmark: what was measured, also where it misses."""
    return {"bench": bench, **facts, "targets": [target.told() for target in targets]}
