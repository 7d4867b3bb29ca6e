"""Millions of rows: handed to the driver as the database writes them, without the mapper."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, SQLModel

from orchard import db

Value = str | int | float | None
LINES = 5_000  # lines of a COPY that are joined at once


def load(
    session: Session, model: type[SQLModel], names: Sequence[str], rows: Iterable[Sequence[Value]]
) -> None:
    """Insert rows of text and numbers; the columns left out stay NULL."""
    columns = ", ".join(names)
    table = db.table_of(model).name
    driver = cast(Any, session.connection().connection.driver_connection)
    if is_sqlite(session):
        marks = ", ".join("?" * len(names))
        driver.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for text in _lines(rows):
            copy.write(text)


def load_facts(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows of the model's own values, all with the same fields; defaults are filled in."""
    if not rows:
        return
    given = tuple(rows[0])
    standing = {
        column.name: cast(Any, column.default).arg
        for column in db.table_of(model).columns
        if column.name not in given and column.default is not None and column.default.is_scalar
    }
    tail = tuple(_text(session, value) for value in standing.values())
    moments: dict[datetime, str] = {}

    def text(value: Any) -> Value:
        if isinstance(value, datetime):
            if value not in moments:
                moments[value] = moment(session, value)
            return moments[value]
        return _text(session, value)

    lines = (tuple(text(row[name]) for name in given) + tail for row in rows)
    load(session, model, (*given, *standing), lines)


def _text(session: Session, value: Any) -> Value:
    if isinstance(value, UUID):
        return key(value)
    if isinstance(value, datetime):
        return moment(session, value)
    return cast(Value, str(value) if isinstance(value, StrEnum) else value)


def _lines(rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """Return rows as COPY reads them; none of the values holds a tab or a backslash."""
    rest = iter(rows)
    while chunk := list(islice(rest, LINES)):
        yield "".join(
            "\t".join("\\N" if value is None else str(value) for value in row) + "\n"
            for row in chunk
        )


def is_sqlite(session: Session) -> bool:
    """Say which of the two ways of writing a value holds."""
    return bool(session.get_bind().dialect.name == "sqlite")


def moment(session: Session, at: datetime) -> str:
    """Return a moment as the database writes it."""
    plain = at.strftime("%Y-%m-%d %H:%M:%S.%f")
    return plain if is_sqlite(session) else f"{plain}+00"


def key(value: UUID) -> str:
    """Return an id as the database writes it: PostgreSQL reads it without dashes as well."""
    return value.hex


def roomy(session: Session) -> None:
    """Let SQLite keep the indexes of millions of rows in memory while they are filled."""
    if is_sqlite(session):
        session.connection().exec_driver_sql("PRAGMA cache_size=-131072")
