"""An archive is whole, or it is refused and nothing changes."""

import errno
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import zipfile
from contextlib import suppress

import pytest
from click.testing import CliRunner
from sqlmodel import func, select

from orchard import db, settings
from orchard.accounts.models import Person
from orchard.backup import services
from orchard.backup.rules import Damaged, FromNewer, InUse, OnPostgres, OtherCounty
from orchard.cli import main
from orchard.plots.models import Plot
from tests import make


def _people() -> list[str]:
    with db.reading() as session:
        return sorted(session.exec(select(Person.name)).all())


@pytest.fixture
def archive(sqlite_database, tmp_path):
    """An archive with one person and one photo; a second person came after it."""
    (tmp_path / "photos" / "ab").mkdir(parents=True)
    (tmp_path / "photos" / "ab" / "leaf.jpg").write_bytes(b"leaf" * 5000)
    with db.transaction() as session:
        make.person(session, name="早来")
    file = tmp_path / "out" / "county.zip"
    services.back_up(file, now=make.NOW)
    with db.transaction() as session:
        make.person(session, name="后来")
    db.dispose()
    return file


def _rewrite(archive, change):
    """Write the archive again with some parts changed."""
    with zipfile.ZipFile(archive) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    with zipfile.ZipFile(archive, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


def _manifest(archive, **values):
    def change(parts):
        parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | values).encode()

    _rewrite(archive, change)


def test_a_restored_archive_is_the_moment_it_was_made(archive, tmp_path):
    (tmp_path / "photos" / "ab" / "leaf.jpg").unlink()
    services.restore(archive)
    assert _people() == ["早来"]
    assert (tmp_path / "photos" / "ab" / "leaf.jpg").read_bytes() == b"leaf" * 5000
    db.dispose()
    kept = sqlite3.connect(tmp_path / "orchard.db.before-restore")
    assert kept.execute("SELECT count(*) FROM person").fetchone() == (2,)


def test_the_archive_holds_no_key(archive, tmp_path):
    settings.use(settings.get().model_copy(update={"secret_key": ""}))
    key = settings.get().key("secret_key")
    services.back_up(archive, now=make.NOW)
    with zipfile.ZipFile(archive) as found:
        assert set(found.namelist()) == {"manifest.json", "500154.db", "photos/ab/leaf.jpg"}
        assert all(key.encode() not in found.read(name) for name in found.namelist())
    assert archive.stat().st_mode & 0o077 == 0


def test_a_copy_made_during_writes_has_no_child_without_parent(sqlite_database, tmp_path):
    stop, written = threading.Event(), []

    def write():
        while not stop.is_set():
            with db.transaction() as session:
                made = make.person(session)
                make.plot(session, made)
            written.append(made.id)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for number in range(3):
        services.back_up(tmp_path / f"{number}.zip", now=make.NOW)
    before_last = len(written)
    services.back_up(tmp_path / "last.zip", now=make.NOW)
    stop.set()
    for writer in writers:
        writer.join()
    db.dispose()
    services.restore(tmp_path / "last.zip")
    with db.reading() as session:
        people = session.exec(select(func.count()).select_from(Person)).one()
        plots = session.exec(select(func.count()).select_from(Plot)).one()
    assert people == plots >= before_last


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_a_truncated_archive_is_refused_and_live_data_stays(archive, share):
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Damaged):
        services.restore(archive)
    assert _people() == ["后来", "早来"]


def test_damage_where_the_archive_says_what_is_where_is_told(archive, tmp_path):
    """Every byte of the directory, and of what stands before each part, turned over."""
    whole = archive.read_bytes()
    with zipfile.ZipFile(archive) as parts:
        starts = [part.header_offset for part in parts.infolist()]
        directory = parts.start_dir
    heads = {start + byte for start in starts for byte in range(40)}
    for place in [*heads, *range(directory, len(whole))]:
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with suppress(Damaged), services._opened(archive) as parts:
            services._unpack(parts, services._checked_manifest(parts), tmp_path / "out")


def test_a_full_disk_is_no_damage(archive, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        services.restore(archive)
    assert _people() == ["后来", "早来"]


def test_every_damaged_byte_is_found_or_harmless(archive):
    whole = archive.read_bytes()
    for place in range(0, len(whole), max(len(whole) // 40, 1)):
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            services.restore(archive)
        except Damaged:
            assert _people() == ["后来", "早来"]
            db.dispose()
            continue
        assert _people() == ["早来"]
        db.dispose()
        with db.transaction() as session:
            make.person(session, name="后来")
        db.dispose()


def test_a_part_that_is_not_what_was_packed_is_refused(archive):
    def change(parts):
        parts["500154.db"] = parts["500154.db"][:-4096]

    _rewrite(archive, change)
    with pytest.raises(Damaged):
        services.restore(archive)
    assert _people() == ["后来", "早来"]


def test_a_name_that_leaves_the_folder_is_refused(archive, tmp_path):
    def change(parts):
        manifest = json.loads(parts["manifest.json"])
        manifest["sha256"]["../../out.txt"] = "0"
        parts["manifest.json"] = json.dumps(manifest).encode()
        parts["../../out.txt"] = b"x"

    _rewrite(archive, change)
    with pytest.raises(Damaged):
        services.restore(archive)
    assert not list(tmp_path.parent.glob("out.txt"))


def test_an_archive_of_a_newer_schema_is_refused(archive):
    _manifest(archive, revision="9999_later")
    with pytest.raises(FromNewer):
        services.restore(archive)
    assert _people() == ["后来", "早来"]


def test_an_archive_of_another_county_is_refused(archive):
    _manifest(archive, databases={"500101": "500154.db"})
    with pytest.raises(OtherCounty):
        services.restore(archive)
    assert _people() == ["后来", "早来"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "null", '{"made_at": 1}'])
def test_a_manifest_that_says_nothing_is_damage(archive, text):
    _rewrite(archive, lambda parts: parts.update({"manifest.json": text.encode()}))
    with pytest.raises(Damaged):
        services.restore(archive)


def test_a_database_that_another_process_has_open_is_not_replaced(archive, tmp_path):
    hold = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute('SELECT * FROM person').fetchall(); print('open', flush=True); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path / "orchard.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"open\n"
    try:
        with pytest.raises(InUse):
            services.restore(archive)
        assert _people() == ["后来", "早来"]
    finally:
        holder.communicate(b"\n")
    db.dispose()
    services.restore(archive)
    assert _people() == ["早来"]


def test_an_empty_machine_is_restored_with_one_command(archive, tmp_path):
    settings.use(settings.Settings(data_dir=tmp_path / "new" / "machine", secret_key="test"))
    done = CliRunner().invoke(main, ["restore", str(archive)])
    assert done.exit_code == 0, done.output
    assert _people() == ["早来"]


def test_on_postgresql_both_commands_name_the_right_tool(tmp_path):
    settings.use(settings.Settings(database_url="postgresql+psycopg://a@127.0.0.1:1/b"))
    try:
        with pytest.raises(OnPostgres):
            services.back_up(tmp_path / "x.zip", now=make.NOW)
        (tmp_path / "x.zip").touch()
        done = CliRunner().invoke(main, ["restore", str(tmp_path / "x.zip")])
        assert done.exit_code == 1
        assert "pg_dump -n shared -n county_500154" in done.output
        assert done.output.count("\n") == 1
    finally:
        settings.use(None)


def test_a_broken_live_database_is_never_packed(sqlite_database, tmp_path):
    with db.transaction() as session:
        for _ in range(300):
            make.person(session)
    db.dispose()
    broken = bytearray(sqlite_database.read_bytes())
    broken[len(broken) // 2 : len(broken) // 2 + 8192] = b"\xff" * 8192
    sqlite_database.write_bytes(broken)
    with pytest.raises((Damaged, sqlite3.DatabaseError)):
        services.back_up(tmp_path / "x.zip", now=make.NOW)
    assert not (tmp_path / "x.zip").exists()
    assert not list(tmp_path.glob(".backup-*"))
