"""Files of photos: half written, on a full disk, after a crash, swept and backed up."""

import errno
from datetime import UTC, datetime, timedelta

import pytest

from jobs import photos as jobs
from orchard import db
from orchard.backup import services as backup
from orchard.ids import new_id
from orchard.visits import images, photos
from orchard.visits.models import VisitPhoto
from orchard.visits.rules import PhotoState
from tests import make
from tests.visits.pictures import draw, files, in_hand, of, picture, send


class Fell(Exception):
    """The request failed."""


def test_a_file_whose_request_failed_is_swept_after_a_day(request_of):
    request, grower, _ = request_of
    kept = send(request, grower, picture())
    lost = photos.path_of(new_id(), photos.UPLOAD)
    lost.write_bytes(picture())
    assert jobs.sweep(in_hand(make.NOW + timedelta(days=3000))) == {"deleted": 1}
    assert not lost.exists()
    assert photos.path_of(kept, photos.UPLOAD).exists()


def test_a_half_file_under_the_name_is_replaced_when_the_photo_is_sent_again(request_of):
    request, grower, _ = request_of
    id_ = new_id()
    half = photos.path_of(id_, photos.UPLOAD)
    half.parent.mkdir(parents=True)
    half.write_bytes(picture()[:100])
    send(request, grower, picture(), id_)
    assert half.read_bytes() == picture()
    half.write_bytes(b"")  # and under a row that is there
    send(request, grower, picture(), id_)
    assert half.read_bytes() == picture()
    assert draw() == {"drawn": 1, "broken": 0}


def test_a_full_disk_leaves_no_file_and_no_row(request_of, monkeypatch):
    request, grower, _ = request_of
    id_ = new_id()

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="full"):
        patch.setattr(photos.os, "fsync", full)
        send(request, grower, picture(), id_)
    assert files() == []
    with db.reading() as session:
        assert session.get(VisitPhoto, id_) is None
    send(request, grower, picture(), id_)
    assert files() == [f"{id_}.upload"]


def test_a_file_has_its_name_only_when_whole_and_with_its_row(request_of):
    id_ = new_id()
    with photos.kept(id_, picture()) as sent:
        assert files() == [sent.draft.name]
        assert sent.draft.read_bytes() == picture()
    assert files() == []


def test_a_request_that_fails_takes_nothing_from_its_retry(request_of):
    request, grower, _ = request_of
    id_ = new_id()
    with pytest.raises(Fell), photos.kept(id_, picture()):
        send(request, grower, picture(), id_)
        raise Fell
    assert photos.path_of(id_, photos.UPLOAD).read_bytes() == picture()
    assert files() == [f"{id_}.upload"]
    assert draw() == {"drawn": 1, "broken": 0}


def test_a_file_whose_row_was_not_written_gives_way_to_the_next_photo(request_of):
    request, grower, _ = request_of
    id_ = new_id()
    with (
        pytest.raises(Fell),
        photos.kept(id_, picture()) as sent,
        db.transaction() as session,
    ):
        photos.add(session, grower, request.id, sent, now=make.NOW)
        raise Fell
    assert files() == [f"{id_}.upload"]  # for the sweep
    send(request, grower, picture(size=(9, 9)), id_)
    assert photos.path_of(id_, photos.UPLOAD).read_bytes() == picture(size=(9, 9))


def test_a_photo_sent_again_after_it_was_drawn_leaves_nothing_of_the_phone(request_of):
    request, grower, _ = request_of
    id_ = send(request, grower, picture())
    draw()
    send(request, grower, picture(), id_)
    assert files() == [f"{id_}.webp"]


def test_drafts_of_a_crash_are_swept_after_a_day(request_of):
    with photos.kept(new_id(), picture()) as sent:
        written = datetime.fromtimestamp(sent.draft.stat().st_mtime, UTC)
        assert jobs.sweep(in_hand(written + timedelta(hours=23))) == {"deleted": 0}
        assert sent.draft.exists()
        assert jobs.sweep(in_hand(written + timedelta(hours=25))) == {"deleted": 1}
        assert files() == []


def test_a_photo_drawn_before_its_note_was_written_is_noted_after_a_restore(request_of):
    request, grower, _ = request_of
    id_ = send(request, grower, picture())
    assert images.draw(id_) == (64, 48)
    photos.forget_upload(id_)
    assert draw() == {"drawn": 1, "broken": 0}
    assert of(id_).state == PhotoState.READY


def test_a_backup_holds_photos_in_both_states(request_of, tmp_path):
    request, grower, _ = request_of
    drawn, waiting = send(request, grower, picture()), None
    draw()
    waiting = send(request, grower, picture(size=(5, 5)))
    with photos.kept(new_id(), picture()):  # still on its way: no part of a backup
        manifest = backup.back_up(tmp_path / "out" / "county.zip", now=make.NOW)
    names = {part for part in manifest.sha256 if part.startswith("photos/")}
    assert names == {f"photos/500154/{drawn}.webp", f"photos/500154/{waiting}.upload"}
