"""SELECTs that are built once and run as they are, for the pages that people open first.

At each execution SQLAlchemy looks a statement up and makes a context and a result for it: 70 to
140 us, where SQLite itself needs 5 to 50. Here its compiler writes the text and its types convert
what goes in and comes out, once; the rest is the driver's.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.dialects import sqlite

Convert = Callable[[Any], Any]
SQLITE = sqlite.dialect()  # of every county's file


@dataclass(frozen=True)
class Prepared:
    """A SELECT as SQLite gets it: its text, its parameters in order, and what it answers.

    parameters: name and how it is stored. own: values that the statement brings itself.
    converted: the columns that are stored otherwise than they are read.
    """

    text: str
    parameters: tuple[tuple[str, Convert | None], ...]
    own: dict[str, Any]
    converted: tuple[tuple[int, Convert], ...]
    row: Callable[[list[Any]], Any]

    def given(self, values: dict[str, Any]) -> list[Any]:
        """Return the parameters as SQLite stores them; KeyError when one is missing."""
        known = self.own | values
        return [store(known[name]) if store else known[name] for name, store in self.parameters]

    def taken(self, stored: tuple[Any, ...]) -> Any:
        """Return a row with its columns as they are read."""
        row = list(stored)
        for place, read in self.converted:
            row[place] = read(row[place])
        return self.row(row)


@lru_cache(maxsize=64)
def prepare(statement: Select[*tuple[Any, ...]]) -> Prepared | None:
    """Return a statement ready for SQLite; None where its text depends on the values."""
    compiled: Any = statement.compile(dialect=SQLITE)
    if compiled.post_compile_params or compiled.literal_execute_params:
        return None
    binds = [compiled.binds[name] for name in compiled.positiontup]
    columns = statement.selected_columns
    row: Any = namedtuple("Row", columns.keys(), rename=True)  # type: ignore[misc]  # noqa: PYI024
    kinds = [column.type.dialect_impl(SQLITE) for column in columns]
    reads = [kind.result_processor(SQLITE, None) for kind in kinds]
    return Prepared(
        text=str(compiled),
        parameters=tuple(
            (bind.key, bind.type.dialect_impl(SQLITE).bind_processor(SQLITE)) for bind in binds
        ),
        own={bind.key: bind.effective_value for bind in binds if not bind.required},
        converted=tuple((place, read) for place, read in enumerate(reads) if read),
        row=row._make,
    )


def run(
    connection: Connection, statement: Select[*tuple[Any, ...]], values: dict[str, Any]
) -> list[Any]:
    """Return the rows of a SELECT over tables that was built once."""
    ready = prepare(statement) if connection.dialect.name == SQLITE.name else None
    if ready is None:
        return list(connection.execute(statement, values))
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:
        driver.execute("BEGIN")  # SQLAlchemy's own takes ten times as long; both end the same way
    given = ready.given(values)
    for note in connection.dispatch.before_cursor_execute:  # who counts queries counts these too
        note(connection, None, ready.text, given, None, False)
    try:
        found = driver.execute(ready.text, given).fetchall()
    except sqlite3.Error:
        return list(connection.execute(statement, values))  # refused again, and told as elsewhere
    return [ready.taken(row) for row in found]
