"""Fixtures: a fresh database on each engine, a session that is rolled back, a client."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlmodel import Session

from orchard import db, ledger, schema, settings
from orchard.places.services import load_places
from tests import postgres
from tests.engines import ENGINES

COUNTY = "500154"


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """Forget how an earlier test's command set up the log lines."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file with the county's places, to be copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    settings.use(settings.Settings(data_dir=folder, secret_key="test"))
    _fill()
    db.dispose()
    settings.use(None)
    return folder / "orchard.db"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return a PostgreSQL database with the county's places, or skip with the reason."""
    with postgres.server() as url:
        settings.use(settings.Settings(database_url=url, secret_key="test"))
        postgres.wipe(url)
        _fill()
        db.dispose()
        settings.use(None)
        yield url


def _fill() -> None:
    schema.upgrade()
    with db.transaction() as session:
        load_places(session, COUNTY)
        ledger.note(session, "purpose", ledger.Purpose.TEST)


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Put a fresh database in force, once per engine, and say which engine it is."""
    if request.param == "sqlite":
        _use_sqlite(request, tmp_path)
    else:
        url = request.getfixturevalue("postgres_url")
        settings.use(settings.Settings(database_url=url, data_dir=tmp_path, secret_key="test"))
        postgres.empty(url, COUNTY)
    yield request.param
    db.dispose()
    settings.use(None)


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Put a fresh SQLite file in force, for what does not depend on the engine."""
    yield _use_sqlite(request, tmp_path)
    db.dispose()
    settings.use(None)


def _use_sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "orchard.db")
    settings.use(settings.Settings(data_dir=tmp_path, secret_key="test"))
    return tmp_path / "orchard.db"


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """Return a writing session on each engine that is rolled back at the end."""
    with pytest.raises(_Undo), db.transaction() as open_session:
        yield open_session
        raise _Undo


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured, also where tests ran in several processes."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, figure in report.user_properties:
                if name == "figure":
                    terminalreporter.write_line(figure)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that promised to skip nothing, as `.ci/run` does."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if "ORCHARD_TEST_NO_SKIPS" in os.environ and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


class _Undo(Exception):
    """Ends a test's transaction without keeping anything."""
