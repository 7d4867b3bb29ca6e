"""Lists by key: a page costs the same wherever it lies and however long the list is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, tuple_
from sqlmodel import Session

ROWS = 50  # rows of a page


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and whether there are more before and after them."""

    rows: list[Any]
    has_before: bool
    has_after: bool


def page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    keys: Sequence[Any],
    *,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
    values: dict[str, Any] | None = None,
) -> Page:
    """Return the rows that follow or precede one row, by columns that are unique together.

    values: those of the statement's own parameters.
    """
    if before is not None:
        back = statement.where(tuple_(*keys) < tuple_(*before))
        back = back.order_by(*(key.desc() for key in keys)).limit(ROWS + 1)
        rows = session.execute(back, values or {}).all()
        return Page(list(rows[ROWS - 1 :: -1]), len(rows) > ROWS, True)
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    rows = session.execute(statement.order_by(*keys).limit(ROWS + 1), values or {}).all()
    return Page(list(rows[:ROWS]), after is not None, len(rows) > ROWS)
