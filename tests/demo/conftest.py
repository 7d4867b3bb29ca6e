"""The demonstration county as the command builds it, once for all its tests."""

from shutil import copyfile, copytree
from time import process_time

import pytest
from click.testing import CliRunner

from orchard import db, settings
from orchard.cli import main
from orchard.demo import history, services
from tests import make


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """One county as the command builds it, and what it said and cost."""
    folder = tmp_path_factory.mktemp("demo")
    before = process_time()
    done = run(folder)
    spent_s = process_time() - before
    db.dispose()
    settings.use(None)
    return folder, done, spent_s


def run(folder, *options):
    return CliRunner().invoke(main, ["demo", "--build-only", "--dir", str(folder), *options])


@pytest.fixture
def folder(built, tmp_path):
    """A copy of the built county."""
    yield copytree(built[0], tmp_path / "county")
    db.dispose()
    settings.use(None)


@pytest.fixture(scope="session")
def told(sqlite_template, tmp_path_factory):
    """A county's file as far as its history."""
    folder = tmp_path_factory.mktemp("told")
    copyfile(sqlite_template, folder / "orchard.db")
    settings.use(settings.Settings(data_dir=folder, secret_key="test"))
    with db.transaction() as session:
        tell(session)
    db.dispose()
    settings.use(None)
    return folder / "orchard.db"


def tell(session, *, now=make.NOW):
    """Write the county as far as its history, without the tasks of its plots."""
    services.claim_for_demo(session)
    services.add_cast(session, now=now)
    services.add_land(session, now=now)
    history.add_history(session)
