"""Photos: kept and synced before the answer, drawn anew by a job, and shown only after that.

What a phone sends lies under its id with the ending .upload, with everything in it, and is never
served. The job draws it anew as .webp: upright, small, without place, maker or trailing bytes.
Several machines share the data folder.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, col, func, select

from orchard import db, settings
from orchard.accounts.rules import Caller
from orchard.errors import Conflict, NotVisible
from orchard.ids import new_id
from orchard.visits import queries, rules, steps
from orchard.visits.models import VisitPhoto, VisitRequest
from orchard.visits.rules import EventKind, PhotoOf, PhotoState

FOLDER = "photos"
UPLOAD, DRAWN = ".upload", ".webp"
DRAFT = ".draft"  # of either, while it is written; no backup takes it


@dataclass(frozen=True)
class Sent:
    """What a phone sent: whole and on the disk, under a name of its own until its row is there."""

    photo_id: UUID
    sha256: str
    draft: Path

    def put(self) -> None:
        """Give the file its name in one step; only who holds the lock of its row may do so."""
        self.draft.replace(path_of(self.photo_id, UPLOAD))
        _sync(self.draft.parent)


@contextmanager
def kept(photo_id: UUID, data: bytes) -> Iterator[Sent]:
    """Keep a file on the disk while its row is written; what add() did not take goes again."""
    draft = path_of(photo_id, f".part-{new_id().hex}{DRAFT}")
    draft.parent.mkdir(parents=True, exist_ok=True)
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield Sent(photo_id, hashlib.sha256(data).hexdigest(), draft)
    finally:
        draft.unlink(missing_ok=True)


def kept_if_any(photo_id: UUID | None, data: bytes) -> AbstractContextManager[Sent | None]:
    """Keep the photo of a form that may have none."""
    return kept(photo_id, data) if photo_id and data else nullcontext()


def _sync(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def path_of(photo_id: UUID, ending: str = DRAWN) -> Path:
    """Return where a photo of the county in force lies."""
    return settings.get().data_dir / FOLDER / db.county() / f"{photo_id}{ending}"


def add(
    session: Session, caller: Caller, request_id: UUID, sent: Sent, *, now: datetime
) -> VisitPhoto:
    """Put a kept photo to a request by who asked, or to its record by who is in charge."""
    request, of = _place(session, caller, request_id)
    photo = VisitPhoto(
        id=sent.photo_id,
        request_id=request.id,
        of=of,
        by_id=caller.account_id,
        sha256=sent.sha256,
        made_at=now,
    )
    there = session.get(VisitPhoto, photo.id, with_for_update=True)
    if there is None:
        held = select(func.count()).where(VisitPhoto.request_id == request.id, VisitPhoto.of == of)
        if session.exec(held).one() >= rules.MOST_PHOTOS:
            raise rules.TooManyPhotos(n=rules.MOST_PHOTOS)
        is_new = db.insert_once(session, photo)
        there = session.get_one(VisitPhoto, photo.id, with_for_update=True)
        if is_new:
            steps.note(session, request, caller, now, EventKind.PHOTO)
    if there.by_id != caller.account_id:
        raise NotVisible
    if (there.sha256, there.request_id) != (sent.sha256, request_id):
        raise Conflict({"sha256": there.sha256}, {"sha256": sent.sha256})
    if there.state == PhotoState.WAITING:  # whatever a failed request left there is replaced
        sent.put()
    return there


def check_place(session: Session, caller: Caller, request_id: UUID) -> None:
    """Raise NotVisible unless the caller may add a photo, before anything is kept."""
    request = queries.request_for(session, caller, request_id)
    is_mine = caller.account_id in (request.technician_id, request.requested_by_id)
    if not is_mine and not queries.is_held(session, caller, request):
        raise NotVisible


def _place(session: Session, caller: Caller, request_id: UUID) -> tuple[VisitRequest, PhotoOf]:
    request = queries.request_for(session, caller, request_id)
    if request.technician_id == caller.account_id:
        return steps.lock_request(session, request_id), PhotoOf.RECORD
    return steps.asked_or_held(session, caller, request_id), PhotoOf.REQUEST


def waiting(session: Session, most: int) -> list[UUID]:
    """Return some photos that wait to be drawn anew, the oldest first."""
    rows = session.exec(
        select(VisitPhoto.id)
        .where(VisitPhoto.state == PhotoState.WAITING)
        .order_by(col(VisitPhoto.made_at))
        .limit(most)
    )
    return list(rows)


def note_drawn(
    session: Session, photo_id: UUID, size: tuple[int, int] | None, *, now: datetime
) -> None:
    """Note that a photo can be shown, or that it never will be."""
    photo = session.get(VisitPhoto, photo_id, with_for_update=True)
    if photo is None or photo.state != PhotoState.WAITING:
        return
    photo.state = PhotoState.READY if size else PhotoState.BROKEN
    photo.drawn_at = now
    if size:
        photo.width, photo.height = size
    session.add(photo)
    session.flush()


def forget_upload(photo_id: UUID) -> None:
    """Delete what the phone sent; only the new drawing stays."""
    path_of(photo_id, UPLOAD).unlink(missing_ok=True)


def orphans(session: Session, before: datetime) -> list[Path]:
    """Return kept files that have no row, and drafts: their requests or drawings failed."""
    folder = path_of(UUID(int=0)).parent
    old = list(_older(folder.glob(f"*{UPLOAD}"), before))
    known = {
        str(id_)
        for id_ in session.exec(
            select(VisitPhoto.id).where(col(VisitPhoto.id).in_([UUID(path.stem) for path in old]))
        )
    }
    lost = [path for path in old if path.stem not in known]
    return [*lost, *_older(folder.glob(f"*{DRAFT}"), before)]


def _older(paths: Iterable[Path], before: datetime) -> Iterator[Path]:
    for path in paths:
        with suppress(FileNotFoundError):  # drawn or put in its place meanwhile
            if path.stat().st_mtime < before.timestamp():
                yield path
