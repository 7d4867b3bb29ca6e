"""What the database holds, and whether anybody committed: to prove that a refusal wrote nothing."""

import hashlib
import sqlite3

from sqlalchemy import select, text
from sqlmodel import SQLModel

from orchard import db, schema, settings


def digest() -> dict[str, str]:
    """Return a hash of every row of every table."""
    schema.load_models()
    found = {}
    with db.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            everything = select(text("*")).select_from(table)  # as stored: nothing is converted
            rows = sorted(repr(tuple(row)) for row in session.execute(everything))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def changed(before: dict[str, str]) -> set[str]:
    """Return the tables that differ from an earlier state."""
    return {name for name, value in digest().items() if before[name] != value}


class Watch:
    """Says whether anything was committed to a SQLite file since it was last asked.

    On PostgreSQL, where no such counter is private to us, it says no: the digest of the tables
    is compared there.
    """

    def __init__(self) -> None:
        url = settings.get().url
        is_file = url.startswith("sqlite:///")
        self._file = sqlite3.connect(url.removeprefix("sqlite:///")) if is_file else None
        self._seen = 0
        self.changed()

    def changed(self) -> bool:
        """Return whether another connection has written."""
        if self._file is None:
            return False
        now = self._file.execute("PRAGMA data_version").fetchone()[0]
        was, self._seen = self._seen, now
        return bool(was != now)
