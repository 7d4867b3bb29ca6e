"""What a morning page shows first, and how much of it."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

DUE_SHOWN = 12  # one page weighs at most 14 KB; the rest stands on the list of tasks
COMING_SHOWN = 6
UNDO_SHOWN = 3
ASK_SHOWN = 4  # with more plots the form asks which: one tap more
WARNINGS_SHOWN = 3


class Sized(Protocol):
    """Anything with an area in hundredths of a mu."""

    @property
    def area_mu_x100(self) -> int:
        """Return the area."""
        ...


P = TypeVar("P", bound=Sized)


def largest(plots: Iterable[P]) -> P | None:
    """Return the plot whose weather stands on the page: the largest one."""
    return max(plots, key=lambda plot: plot.area_mu_x100, default=None)
