"""Lists by key: a page costs the same wherever it lies and however long the list is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, tuple_
from sqlmodel import Session

ROWS = 50  # rows of a page
EVENTS = 20  # of a history, shown at once
MOST_PAGES = 200  # of a list by number: what lies further costs too much


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and whether there are more before and after them."""

    rows: list[Any]
    has_before: bool
    has_after: bool


@dataclass(frozen=True)
class History:
    """Some numbered events, the newest first; earlier: the number before which there are more."""

    rows: list[Any]
    earlier: int | None


def newest(session: Session, statement: Any, number: Any, *, before: int | None = None) -> History:
    """Return the newest events of a history, or those before a number; number is their column."""
    if before is not None:
        statement = statement.where(number < before)
    found = session.execute(statement.add_columns(number).order_by(number.desc()).limit(EVENTS + 1))
    numbered = [(row[:-1], row[-1]) for row in found]
    shown = numbered[:EVENTS]
    return History([row for row, _ in shown], shown[-1][1] if len(numbered) > EVENTS else None)


def _run(session: Session, statement: Any, values: dict[str, Any]) -> Sequence[Any]:
    return session.execute(statement, values).all()


class Listing:
    """A list in the order of columns that are unique together; its first page is built once.

    run: what runs the first page, such as db.rows() where the statement knows tables only.
    """

    def __init__(
        self,
        statement: Select[*tuple[Any, ...]],
        keys: Sequence[Any],
        run: Callable[..., Sequence[Any]] = _run,
    ) -> None:
        self._statement, self._keys, self._run = statement, keys, run
        self._first = statement.order_by(*keys).limit(ROWS + 1)

    def page(
        self,
        session: Session,
        *,
        after: Sequence[Any] | None = None,
        before: Sequence[Any] | None = None,
        values: dict[str, Any] | None = None,
    ) -> Page:
        """Return the rows that follow or precede one row, else the first ones.

        values: those of the statement's own parameters.
        """
        statement = self._first
        if after is not None:
            statement = statement.where(tuple_(*self._keys) > tuple_(*after))
        if before is not None:
            back = self._statement.where(tuple_(*self._keys) < tuple_(*before))
            statement = back.order_by(*(key.desc() for key in self._keys)).limit(ROWS + 1)
        run = self._run if statement is self._first else _run
        rows = run(session, statement, values or {})
        has_more = len(rows) > ROWS
        if before is not None:
            return Page(list(rows[ROWS - 1 :: -1]), has_more, True)
        return Page(list(rows[:ROWS]), after is not None, has_more)


def page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    keys: Sequence[Any],
    *,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
) -> Page:
    """Return a page of a list whose statement is made for this reader."""
    return Listing(statement, keys).page(session, after=after, before=before)
