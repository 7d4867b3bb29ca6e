"""Which cells of a table are hidden, so that no hidden one can be worked out (reliability 2.3).

A hidden cell is shown as "–" whether it is small or hidden for the sake of another.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

FEWEST = 5  # persons; reliability 2.3 rule 1, also inside the own town for a sensitive field
DOMINANT = 2  # reliability 2.3 rule 4: nobody makes more than 1/2 of a sum of money
STEP = 5  # reliability 2.3 rule 3: figures outside the town move by 5, so one person shows nowhere

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Cell:
    """One cell that adds up to its table's total; most: the largest value that a reader allows.

    is_left_out: the rows that a long table does not show, as one cell that nobody reads.
    """

    value: int
    most: int
    is_left_out: bool = False

    @property
    def is_small(self) -> bool:
        """Say whether the cell tells of too few persons; nobody at all is too few as well."""
        return self.is_left_out or self.value < FEWEST


def hidden(
    cells: Mapping[Key, Cell], total: Cell, forced: Iterable[Key] = ()
) -> tuple[frozenset[Key], bool]:
    """Return the cells to hide, and whether the total must be hidden with them.

    Small cells are hidden, then the smallest of the others one by one until nobody can tell a
    hidden cell to within 5. A total of nobody stays: it says nothing of one person.
    """
    out = {key for key, cell in cells.items() if cell.is_small} | set(forced)
    if not out or total.value == 0:
        return frozenset(out), False
    others = sorted((key for key in cells if key not in out), key=lambda key: cells[key].value)
    while not is_safe({key: cells[key] for key in out}):
        if not others:
            return frozenset(out), True
        out.add(others.pop(0))
    return frozenset(out), False


def is_safe(out: Mapping[Key, Cell]) -> bool:
    """Say whether a reader who knows the sum of hidden cells can tell none of them to within 5.

    A row of fewer than 5 persons tells its own bound: there the sum must add nothing to it.
    """
    rest, room = sum(cell.value for cell in out.values()), sum(cell.most for cell in out.values())
    for cell in out.values():
        low = max(0, rest - (room - cell.most))
        high = min(cell.most, rest)
        if high - low < min(FEWEST, cell.most):
            return False
    return True


@dataclass(frozen=True)
class Money:
    """A sum of money over some persons; top: what the best paid of them made of it."""

    persons: int
    fen: int
    top: int

    @property
    def is_telling(self) -> bool:
        """Say whether the sum tells what one person earns."""
        return self.persons < FEWEST or self.top * DOMINANT > self.fen


def hidden_money(
    cells: Mapping[Key, Money], total: Money, forced: Iterable[Key] = ()
) -> tuple[frozenset[Key], bool]:
    """Return the sums to hide and whether the total must go too (reliability 2.3 rule 4)."""
    out = {key for key, cell in cells.items() if cell.persons and cell.is_telling}
    out |= set(forced)
    if total.persons and total.is_telling:
        return frozenset(key for key, cell in cells.items() if cell.persons), True
    others = sorted((key for key in cells if key not in out), key=lambda key: cells[key].fen)
    while out and _together(cells[key] for key in out).is_telling:
        if not others:
            return frozenset(out), True
        out.add(others.pop(0))
    return frozenset(out), False


def _together(cells: Iterable[Money]) -> Money:
    """Return hidden sums as the one sum that a reader can work out."""
    members = list(cells)
    return Money(
        sum(cell.persons for cell in members) if len(members) > 1 else 0,
        sum(cell.fen for cell in members),
        max(cell.top for cell in members),
    )


@dataclass(frozen=True)
class Hidden:
    """What is hidden of two tables of which the lower adds up to the upper."""

    total: bool
    upper: frozenset[str]
    lower: frozenset[Hashable]


Table = TypeVar("Table", Cell, Money)
Hide = Callable[[Mapping[Any, Table], Table, Iterable[Any]], tuple[frozenset[Any], bool]]


def hidden_of_two(
    hide: Hide[Table],
    upper: Mapping[str, Table],
    lower: Mapping[str, Mapping[Any, Table]],
    total: Table,
) -> Hidden:
    """Return what to hide of a table by kind and one by employer that are shown together.

    lower: the cells of each upper row. All cells below a hidden row are hidden; a row whose cells
    cannot be hidden well is hidden itself.
    """
    forced: set[str] = set()
    while True:
        above, total_too = hide(upper, total, forced)
        below: set[Hashable] = set()
        for name, cells in lower.items():
            out, may_not_show = hide(cells, upper[name], ())
            if may_not_show and name not in above:
                forced.add(name)
                break
            below |= set(cells) if name in above else out
        else:
            return Hidden(total_too, above, frozenset(below))


def stepped(value: int) -> int | None:
    """Return a figure as it is told outside the town: in steps of 5, none below 5."""
    return value // STEP * STEP if value >= FEWEST else None
