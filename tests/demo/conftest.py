"""The demonstration county as the command builds it, once for all its tests."""

from shutil import copytree
from time import process_time

import pytest
from click.testing import CliRunner

from orchard import db, settings
from orchard.cli import main


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
