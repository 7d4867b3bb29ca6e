"""Migrating a county's database and proving that schema and models agree.

SQLite: one file holds shared and county tables. PostgreSQL: a schema `shared` and one schema per
county, each with its own alembic_version; one transaction per county.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, cast

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

import orchard
from orchard import db, settings
from orchard.errors import OrchardError
from orchard.revision import Target, targets

SCRIPTS = Path(__file__).parent / "migrations"


class BrokenKeys(OrchardError):
    """A migration left a row that points at nothing."""

    code = "errors.keys"


def load_models() -> None:
    """Import the models of every room, so that the metadata is whole."""
    import_module("orchard.ledger")
    for room in iter_modules([str(Path(orchard.__file__).parent)]):
        if room.ispkg and (Path(orchard.__file__).parent / room.name / "models.py").exists():
            import_module(f"orchard.{room.name}.models")


def config(target: Target, connection: Connection | None = None) -> Config:
    """Return the configuration of one run of Alembic."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes.update({"target": target, "connection": connection})
    return made


def upgrade(revision: str = "head") -> None:
    """Bring every county's database to a revision; stopped half-way it goes on where it was."""
    for code in settings.get().counties:
        _make_room(code)
        for connection, target in _connections(code):
            command.upgrade(config(target, connection), revision)


def downgrade(revision: str) -> None:
    """Take every county's database back to an older revision, county tables first."""
    for code in settings.get().counties:
        for connection, target in _connections(code, backwards=True):
            command.downgrade(config(target, connection), revision)


def differences(code: str) -> list[Any]:
    """Return what models and database disagree about; an empty list when nothing."""
    load_models()
    found: list[Any] = []
    for connection, target in _connections(code, writes=False):
        context = MigrationContext.configure(
            connection, opts={"include_object": covers(target.scope), "compare_type": True}
        )
        found += compare_metadata(context, SQLModel.metadata)
    return found


def covers(scope: str) -> Any:
    """Return Alembic's filter for the tables of one scope."""

    def included(item: Any, name: str, kind: str, reflected: bool, compared: Any) -> bool:
        if kind != "table" or scope == "all":
            return True
        table = SQLModel.metadata.tables.get(name)
        return table is not None and table.info.get("scope") == scope

    return included


def _connections(
    code: str, *, writes: bool = True, backwards: bool = False
) -> Iterator[tuple[Connection, Target]]:
    for target in sorted(targets(code), key=lambda each: each.scope, reverse=not backwards):
        engine = db.engine_for(code).execution_options(writes=writes, path=target.path)
        with (
            db.in_county(code),
            engine.connect() as connection,
            _loose_keys(connection, writes),
            connection.begin(),
        ):
            yield connection, target


@contextmanager
def _loose_keys(connection: Connection, writes: bool) -> Iterator[None]:
    """Let SQLite rebuild a table that others point at; keys are checked again afterwards."""
    if connection.dialect.name != "sqlite" or not writes:
        yield
        return
    driver = cast(Any, connection.connection.driver_connection)
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        if driver.execute("PRAGMA foreign_key_check").fetchone():
            raise BrokenKeys
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _make_room(code: str) -> None:
    """Make the folder of a SQLite file, or the schemas of PostgreSQL."""
    engine = db.engine_for(code)
    if engine.dialect.name == "sqlite":
        Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
        return
    with engine.execution_options(path="shared").begin() as connection:
        for schema in ("shared", db.schema_of(code)):
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
