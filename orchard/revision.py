"""At which revision a county's database is, and whether this code may serve it as it is.

Read at every start, so without Alembic, which takes longer to load than the answer.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.engine import make_url

from orchard import db, settings
from orchard.errors import OrchardError

VERSIONS = Path(__file__).parent / "migrations" / "versions"


class WrongSchema(OrchardError):
    """The database's revision is not the one this code was written for."""

    code = "errors.schema"


class Unwritable(OrchardError):
    """The database file, or the folder beside which SQLite writes, is not ours to write."""

    code = "errors.unwritable"


@dataclass(frozen=True)
class Target:
    """One place to migrate: what it covers, and its search path on PostgreSQL."""

    scope: str
    path: str

    @property
    def schema(self) -> str | None:
        """Return the schema that holds its own alembic_version; SQLite has none."""
        return self.path.partition(",")[0] or None


def targets(code: str) -> list[Target]:
    """Return what to migrate for a county: shared tables first."""
    if db.engine_for(code).dialect.name == "sqlite":
        return [Target("all", "")]
    return [Target("shared", "shared"), Target("county", db.path_for(code))]


def known() -> list[str]:
    """Return every revision that this code knows, oldest first: each file is named by its own."""
    return sorted(path.stem for path in VERSIONS.glob("[0-9]*.py"))


def head() -> str:
    """Return the revision that this code was written for."""
    return known()[-1]


def current(code: str) -> str:
    """Return the revision of a county's database, or '' for an empty one or none."""
    path = file_of(code)
    if path and not path.exists():
        return ""  # connecting would make an empty file
    revision = ""
    for target in targets(code):
        engine = db.engine_for(code).execution_options(writes=False, path=target.path)
        with db.in_county(code), engine.connect() as connection:
            revision = _version(connection, target.schema)
    return revision


def _version(connection: Connection, schema: str | None) -> str:
    noted = table("alembic_version", column("version_num"), schema=schema)
    if not inspect(connection).has_table(noted.name, schema=schema):
        return ""
    return connection.scalar(select(noted.c.version_num)) or ""


def require_current() -> None:
    """Raise WrongSchema or Unwritable unless every county's database can be served as it is."""
    for code in settings.get().counties:
        path = file_of(code)
        if path and path.exists() and not (_may_write(path) and _may_write(path.parent)):
            raise Unwritable(path=path)
        if current(code) != head():
            raise WrongSchema(county=code)


def file_of(code: str) -> Path | None:
    """Return the file that holds a county on SQLite."""
    url = make_url(db.url_for(code))
    is_file = url.get_backend_name() == "sqlite" and url.database
    return Path(str(url.database)) if is_file else None


def _may_write(path: Path) -> bool:
    return os.access(path, os.R_OK | os.W_OK)
