"""What decides a plot's dates, and the turns worked out from it, as SQL for planning."""

from collections.abc import Iterable

from sqlalchemy import CTE, ColumnElement, Date, Integer, String, case, column, values
from sqlmodel import col

from orchard.plots.models import Plot
from orchard.plots.rules import late_varieties
from orchard.tasks import rules


def plot_facts(*, general: bool, fly: bool) -> ColumnElement[int]:
    """Return in SQL what decides a plot's dates: twice its shift in days, plus 1 if late.

    The shift is the fly's, the general one, or nothing while the general one is off.
    """
    late = case((col(Plot.variety).in_(sorted(late_varieties())), 1), else_=0)
    if not fly and not general:
        return late
    shift = rules.calendar().shifts["fly" if fly else "general"]
    above = col(Plot.cell_elevation_m) - shift.above_m
    above = case((above > 0, above), else_=0)
    days: ColumnElement[int] = (above * shift.per_100_m_x10 + 500) // 1000
    return days * 2 + late


def turn_table(turns: Iterable[tuple[int | str, rules.Turn]], *, by_cell: bool = False) -> CTE:
    """Return turns as a table in the statement, each with the fact or cell it belongs to."""
    columns = (
        column("fact", String() if by_cell else Integer()),
        column("code", String()),
        column("occurrence", String()),
        column("due_on", Date()),
        column("late_after", Date()),
        column("window_to", Date()),
        column("harm", Integer()),
        column("level", Integer()),
    )
    names = [each.name for each in columns[1:]]
    rows = [(fact, *(getattr(turn, name) for name in names)) for fact, turn in turns]
    return values(*columns, name="turn").data(rows).cte("turn", nesting=True)
