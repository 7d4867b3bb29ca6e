"""What the database holds, as one hash per table: to prove that a refusal wrote nothing."""

import hashlib

from sqlalchemy import select, text
from sqlmodel import SQLModel

from orchard import db, schema


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
