"""`orchard serve` starts or refuses in one clear line; it never makes an empty database."""

import ctypes
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchard import db, revision, schema, settings
from orchard.cli import main
from tests import server

PR_CAPBSET_DROP, DAC_OVERRIDE, DAC_READ_SEARCH = 24, 1, 2  # linux/prctl.h, linux/capability.h


def refusal(data_dir: Path) -> str:
    """Return the one line with which a start is refused, before anything is opened."""
    settings.use(settings.Settings(data_dir=data_dir, secret_key="test"))
    ended = CliRunner().invoke(main, ["serve", "--port", "0"])
    assert ended.exit_code == 1, ended
    return one_line(ended.output)


def begin(data_dir: Path, port: str = "0") -> "subprocess.Popen[str]":
    """Start a process of its own, bound by file rights even as root."""
    settings.use(settings.Settings(data_dir=data_dir, secret_key="test"))
    return subprocess.Popen(
        [*server.COMMAND[:-1], port],
        env=server.environment(ORCHARD_NOW=""),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=without_rights_of_root,  # noqa: PLW1509 - one thread
    )


def refusal_of(process: "subprocess.Popen[str]") -> str:
    """Return the one line that a process left."""
    try:
        said, complained = process.communicate(timeout=server.START_S)
    finally:
        process.kill()
    assert (process.returncode, said) == (1, "")
    return one_line(complained)


def without_rights_of_root() -> None:
    """Let file rights bind root too, as they bind everybody else."""
    if os.geteuid() == 0:
        for capability in (DAC_OVERRIDE, DAC_READ_SEARCH):
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def one_line(output: str) -> str:
    """Return what a person reads, which must be short."""
    lines = [line for line in output.splitlines() if line]
    assert len(lines) == 1, output
    assert "Traceback" not in output
    return lines[0]


def test_a_stop_is_clean(sqlite_database: Path) -> None:
    with server.running() as running:
        assert running.stop() == 0


def test_a_missing_folder_is_refused_and_not_made(sqlite_database: Path, tmp_path: Path) -> None:
    assert "orchard db upgrade" in refusal(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_missing_database_is_refused_and_not_made(sqlite_database: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "orchard db upgrade" in refusal(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []


def test_an_older_schema_is_not_served(sqlite_database: Path) -> None:
    schema.downgrade("-1")
    before = revision.current(db.county())
    assert "orchard db upgrade" in refusal(sqlite_database.parent)
    assert revision.current(db.county()) == before


def test_a_newer_schema_is_not_served(sqlite_database: Path) -> None:
    with db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "orchard db upgrade" in refusal(sqlite_database.parent)


def test_a_file_that_is_no_database_is_left_alone(sqlite_database: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    path = tmp_path / "other" / "orchard.db"
    path.write_text("a letter, not a database" * 100)
    assert "refused" in refusal(tmp_path / "other")
    assert path.read_text() == "a letter, not a database" * 100


def closed_folder(sqlite_database: Path, beneath: Path, file: int, folder: int) -> Path:
    """Return a copy of a database under other rights."""
    closed = beneath / f"closed-{file:o}-{folder:o}"
    closed.mkdir()
    shutil.copy(sqlite_database, closed / "orchard.db")
    (closed / "orchard.db").chmod(file)
    closed.chmod(folder)
    return closed


@pytest.mark.campaign
def test_what_may_not_be_written_is_not_served(sqlite_database: Path, tmp_path: Path) -> None:
    before = sqlite_database.read_bytes()
    rights = [(0o444, 0o755), (0o644, 0o555), (0, 0o755)]  # file, folder, owner
    closed = [closed_folder(sqlite_database, tmp_path, *each) for each in rights]
    begun = [begin(folder) for folder in closed]
    for folder, process in zip(closed, begun, strict=True):
        assert str(folder / "orchard.db") in refusal_of(process)
        assert [each.name for each in folder.iterdir()] == ["orchard.db"]
        folder.chmod(0o755)
        (folder / "orchard.db").chmod(0o644)
        assert (folder / "orchard.db").read_bytes() == before


def test_a_port_in_use_is_one_line_too(sqlite_database: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "in use" in refusal_of(begin(sqlite_database.parent, port))
