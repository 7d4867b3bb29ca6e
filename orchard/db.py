"""Engines, counties and transactions: nobody else begins, commits or names a schema.

A county is one file on SQLite and one schema on PostgreSQL; the county in force decides.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Select, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, SQLModel

from orchard import prepared, settings
from orchard.errors import Busy
from orchard.turns import FairLock

WAIT_S = 10.0  # how long a writer waits for its turn before the page says "busy"
STUCK_S = 30.0  # PostgreSQL ends the transaction of a process that froze in it, and frees its rows
COUNTY_CODE = re.compile(r"\d{6}", re.ASCII)
RETRYABLE = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available

_county: ContextVar[str | None] = ContextVar("county", default=None)
_engines: dict[str, Engine] = {}
_writers: dict[str, FairLock] = {}
_known: dict[str, tuple[settings.Settings, Engine]] = {}  # by county, under which settings
_making = threading.Lock()
_inside = threading.local()


class NoCounty(RuntimeError):
    """Several counties are served and none was chosen."""


def county() -> str:
    """Return the county in force: the chosen one, or the only one there is."""
    chosen = _county.get()
    if chosen:
        return chosen
    counties = settings.get().counties
    if len(counties) != 1:
        raise NoCounty
    return counties[0]


@contextmanager
def in_county(code: str) -> Iterator[None]:
    """Put one county in force for this thread or request."""
    if not COUNTY_CODE.fullmatch(code):
        raise NoCounty
    token = _county.set(code)
    try:
        yield
    finally:
        _county.reset(token)


def engine_for(code: str, reads: bool = False) -> Engine:
    """Return the engine that holds a county; reads may one day go to a standby."""
    chosen = settings.get()
    known = _known.get(code)
    if known and known[0] is chosen:
        return known[1]
    url = url_for(code)
    with _making:
        if url not in _engines:
            _engines[url] = make_engine(url)
            _writers[url] = FairLock()
        _known[code] = (chosen, _engines[url])
        return _engines[url]


def url_for(code: str) -> str:
    """Return the address of a county's database: with several on SQLite, a file each."""
    url = make_url(settings.get().url)
    if url.get_backend_name() == "sqlite" and len(settings.get().counties) > 1:
        path = Path(cast(str, url.database))
        url = url.set(database=str(path.with_name(f"{path.stem}-{code}{path.suffix}")))
    return url.render_as_string(hide_password=False)


def schema_of(code: str) -> str:
    """Return the name of a county's schema on PostgreSQL."""
    return f"county_{code}"


def path_for(code: str) -> str:
    """Return the search path of a county on PostgreSQL."""
    return f"{schema_of(code)}, shared"


def make_engine(url: str) -> Engine:
    """Return an engine whose transactions begin where we say, in the county in force."""
    chosen = settings.get()
    size = chosen.pool_size  # the connection used last comes first: what it has read is warm
    options: dict[str, Any] = {"pool_size": size, "max_overflow": size, "pool_use_lifo": True}
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if not chosen.prepare_statements:
        options["connect_args"] = {"prepare_threshold": None}
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, **options)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must never begin by itself
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "cache_size=-2048",  # 2 MB for each of the pool's connections: serve stays under 150 MB
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    driver = connection.connection.driver_connection
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif not driver.in_transaction:  # rows() may have begun
        driver.execute("BEGIN")  # takes no lock, so that it cannot fail


def _begin_postgresql(connection: Any) -> None:
    path = connection.get_execution_options().get("path") or path_for(county())
    connection.exec_driver_sql(
        "SELECT set_config('search_path', %s, true), set_config('lock_timeout', %s, true),"
        " set_config('idle_in_transaction_session_timeout', %s, true)",
        (path, f"{WAIT_S:.0f}s", f"{STUCK_S:.0f}s"),
    )


@contextmanager
def reading() -> Iterator[Session]:
    """Read a consistent state; nothing said here is kept."""
    shared: dict[str, Session] | None = getattr(_inside, "readers", None)
    readers = {} if shared is None else shared
    code, ended = county(), True
    if code not in readers:
        own = engine_for(code, reads=True).connect()
        readers[code] = Session(own, autoflush=False, expire_on_commit=False)
    try:
        yield readers[code]
        ended = shared is None
    finally:
        if ended:  # also when it failed: its transaction may answer nothing more
            _let_go(readers[code])


def rows(
    session: Session, statement: Select[*tuple[Any, ...]], values: dict[str, Any]
) -> list[Any]:
    """Return the rows of a SELECT over tables that was built once, without what entities need."""
    if isinstance(session.bind, Connection):
        return prepared.run(session.bind, statement, values)
    session.flush()  # a writer sees what it has written
    return prepared.run(session.connection(), statement, values)


@contextmanager
def one_reader() -> Iterator[None]:
    """Let all reading() of a block, such as a request, see one state until something is written."""
    before = getattr(_inside, "readers", None)
    _inside.readers = {}
    try:
        yield
    finally:
        _let_go()
        _inside.readers = before


def _let_go(*readers: Session) -> None:
    """End what these, or else all of the block, have read: one that goes on sees the state of then.

    A reader has a connection of its own until here, for rows(); after it as any session.
    """
    for session in readers or (getattr(_inside, "readers", None) or {}).values():
        if session.in_transaction():  # rows() does not begin one of the session's own
            session.close()
        if isinstance(session.bind, Connection):
            session.bind.close()
            session.bind = session.bind.engine


@contextmanager
def transaction() -> Iterator[Session]:
    """Write: all or nothing, committed as the block ends.

    On SQLite alone in this process. Raises Busy when the turn does not come in time, and
    RuntimeError at once inside another transaction of the same thread.
    """
    if getattr(_inside, "yes", False):
        raise RuntimeError("transaction() inside transaction()")
    _let_go()
    code = county()
    engine = engine_for(code)
    lock = _writers[url_for(code)] if engine.dialect.name == "sqlite" else None
    if lock:
        lock.acquire(WAIT_S)
    _inside.yes = True
    try:
        writer = engine.execution_options(writes=True)
        with Session(writer, expire_on_commit=False) as session, session.begin():
            yield session
    except DBAPIError as error:
        if is_busy(error):
            raise Busy from error
        raise
    finally:
        _let_go()
        _inside.yes = False
        if lock:
            lock.release()


def is_busy(error: DBAPIError) -> bool:
    """Say whether the same transaction may simply be tried again."""
    if isinstance(error, OperationalError):
        name = getattr(error.orig, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return True
    return getattr(error.orig, "sqlstate", None) in RETRYABLE


def insert_once(session: Session, row: SQLModel) -> bool:
    """Insert a row unless its key is there already; say whether it was new."""
    table = table_of(type(row))
    values = {column.key: getattr(row, column.key) for column in table.columns}
    # Asked for by RETURNING: the row count of an INSERT is unknown on PostgreSQL.
    made = _insert_new(session, table).values(values).returning(*table.primary_key)
    return session.execute(made).first() is not None


def insert_all_once(session: Session, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Insert many rows at once, leaving those whose key is there already as they are."""
    if rows:
        session.execute(_insert_new(session, table_of(model)), rows)


def _insert_new(session: Session, table: Table) -> Any:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(table).on_conflict_do_nothing()


def weigh(session: Session) -> None:
    """Let SQLite sample how its indexes are filled: without that it may choose the wrong one."""
    if session.get_bind().dialect.name == "sqlite":
        for statement in ("PRAGMA analysis_limit=1000", "ANALYZE"):
            session.connection().exec_driver_sql(statement)


def table_of(model: type[SQLModel]) -> Table:
    """Return a model's table: a statement over its columns makes rows without entities."""
    return cast(Table, cast(Any, model).__table__)


def dispose() -> None:
    """Close every connection: after a restore, before a fork, between tests."""
    with _making:
        for engine in _engines.values():
            engine.dispose()
        _engines.clear()
        _writers.clear()
        _known.clear()
