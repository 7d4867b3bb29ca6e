"""One archive of the SQLite files and the photos, never the keys; made hot, restored whole."""

import errno
import hashlib
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy.engine import make_url

from orchard import db, revision, settings
from orchard.backup.rules import (
    MANIFEST,
    PHOTOS,
    Damaged,
    InUse,
    Manifest,
    OnPostgres,
    check_manifest,
    read_manifest,
)

CHUNK = 1024 * 1024
SET_ASIDE = ".before-restore"
UNREADABLE = (  # RuntimeError: a part that says it is encrypted, or packed in an unknown way
    *(zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, UnicodeDecodeError),
)
WAITING, DRAFT = ".upload", ".draft"  # endings of photos that come and go (visits/photos.py)


def back_up(target: Path, *, now: datetime) -> Manifest:
    """Write an archive of everything and read it back; an older file stays until that is done.

    The pages and jobs go on meanwhile: each database is copied as it stands at one moment.
    """
    _require_sqlite()
    with tempfile.TemporaryDirectory(dir=_folder(target), prefix=".backup-") as name:
        work = Path(name)
        databases = {code: f"{code}.db" for code in settings.get().counties}
        for code, file in databases.items():
            _copy_hot(code, work / file)
            check_database(work / file)
        at = _revision(work / next(iter(databases.values())))
        parts = {file: work / file for file in databases.values()} | _photos(work)
        hashes = {part: _sha256(path) for part, path in parts.items()}
        manifest = Manifest(now.isoformat(), at, databases, hashes)
        draft = work / "archive"
        _pack(draft, manifest, parts)
        with zipfile.ZipFile(draft) as archive:
            _unpack(archive, manifest, work / "again")
        _publish(draft, target)
    return manifest


def restore(source: Path) -> Manifest:
    """Put an archive in the place of the live data, or leave that as it is and say why.

    The replaced databases stay beside the new ones, with the ending .before-restore.
    """
    _require_sqlite()
    db.dispose()
    data_dir = settings.get().data_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        archive = stack.enter_context(_opened(source))
        manifest = _checked_manifest(archive)
        name = stack.enter_context(tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-"))
        work = Path(name)
        _unpack(archive, manifest, work)
        for file in manifest.databases.values():
            check_database(work / file)
            if _revision(work / file) != manifest.revision:
                raise Damaged(part=file)
        for code in manifest.databases:
            stack.enter_context(_alone(_live(code)))
        _add_photos(work / PHOTOS, data_dir / PHOTOS)
        for code, file in manifest.databases.items():
            _swap(work / file, _live(code))
    return manifest


def check_database(path: Path) -> None:
    """Raise Damaged unless SQLite finds the file whole and every foreign key at home."""
    try:
        with _connected(path) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise Damaged(part=path.name) from error
    if verdict != "ok" or loose:
        raise Damaged(part=path.name)


def _require_sqlite() -> None:
    for code in settings.get().counties:
        if make_url(db.url_for(code)).get_backend_name() != "sqlite":
            schemas = " ".join(f"-n {db.schema_of(each)}" for each in settings.get().counties)
            raise OnPostgres(schemas=f"-n shared {schemas}")


def _live(code: str) -> Path:
    return Path(cast(str, make_url(db.url_for(code)).database))


def _folder(target: Path) -> Path:
    folder = target.resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _copy_hot(code: str, target: Path) -> None:
    """Copy a database in one step of SQLite's backup: one moment, writers go on in the WAL."""
    with db.engine_for(code).connect() as live, _connected(target) as copy:
        cast(Any, live.connection.driver_connection).backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")


def _revision(path: Path) -> str:
    try:
        with _connected(path) as connection:
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except (sqlite3.DatabaseError, TypeError) as error:
        raise Damaged(part=path.name) from error


def _photos(work: Path) -> dict[str, Path]:
    """Return the photos by their name in the archive.

    Those that wait to be drawn anew are copied aside: the job deletes them when it has done so.
    """
    folder = settings.get().data_dir / PHOTOS
    parts: dict[str, Path] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = f"{PHOTOS}/{path.relative_to(folder).as_posix()}"
        if path.suffix == WAITING:
            with suppress(FileNotFoundError):
                parts[name] = _aside(path, work / name)
        elif path.suffix != DRAFT:
            parts[name] = path
    return parts


def _aside(path: Path, copy: Path) -> Path:
    copy.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(path, copy))


def _pack(target: Path, manifest: Manifest, parts: dict[str, Path]) -> None:
    target.touch(mode=0o600)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(MANIFEST, manifest.dump())
        for name, path in parts.items():
            archive.write(path, name)


@contextmanager
def _read_from(part: str) -> Iterator[None]:
    """Turn what zipfile finds wrong while it reads a part into damage; a full disk is none."""
    try:
        yield
    except (*UNREADABLE, FileNotFoundError) as error:
        raise Damaged(part=part) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place before the beginning of the file
            raise
        raise Damaged(part=part) from error


@contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    with _read_from(source.name):
        archive = zipfile.ZipFile(source)
    with archive:
        yield archive


def _checked_manifest(archive: zipfile.ZipFile) -> Manifest:
    with _read_from(MANIFEST):
        text = archive.read(MANIFEST).decode()
    manifest = read_manifest(text)
    check_manifest(
        manifest,
        names=archive.namelist(),
        known=revision.known(),
        counties=settings.get().counties,
    )
    return manifest


def _unpack(archive: zipfile.ZipFile, manifest: Manifest, folder: Path) -> None:
    """Unpack every part and compare its hash with the manifest's."""
    for name, expected in manifest.sha256.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with _read_from(name), archive.open(name) as packed, path.open("wb") as file:
            shutil.copyfileobj(packed, file, CHUNK)
            file.flush()
            os.fsync(file.fileno())
        if _sha256(path) != expected:
            raise Damaged(part=name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone(live: Path) -> Iterator[None]:
    """Hold a live database for us alone, or raise InUse.

    A connection in WAL mode keeps a shared lock as long as it is open, and SQLite leaves that
    mode only for a connection that is alone: so this fails while any process has the file open.
    """
    if not live.exists():
        yield
        return
    with _connected(live) as connection:
        connection.execute("PRAGMA busy_timeout=0")
        try:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise InUse(file=live.name) from error
        except sqlite3.DatabaseError:
            mode = "delete"  # a broken live file is what a restore is for
        if mode != "delete":
            raise InUse(file=live.name)
        yield


def _add_photos(new: Path, live: Path) -> None:
    """Put the photos there before the rows that name them; a photo's name is never used again."""
    if new.exists():
        shutil.copytree(new, live, dirs_exist_ok=True)


def _swap(new: Path, live: Path) -> None:
    """Put the new file in the old one's place in one step, and keep the old one aside."""
    if live.exists():
        aside = live.with_name(live.name + SET_ASIDE)
        aside.unlink(missing_ok=True)
        os.link(live, aside)
    for ending in ("-wal", "-shm"):
        live.with_name(live.name + ending).unlink(missing_ok=True)
    _publish(new, live)


def _publish(draft: Path, target: Path) -> None:
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(target)
    folder = os.open(target.resolve().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
