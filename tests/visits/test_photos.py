"""Photos: big, broken and dangerous files; what is shown holds nothing of the phone."""

import errno
import warnings
import zlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from struct import pack
from threading import Event
from types import SimpleNamespace

import pytest
from PIL import Image
from sqlmodel import select

from jobs import photos as jobs
from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.backup import services as backup
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from orchard.visits import photos, reports, rules, services
from orchard.visits.models import VisitEvent, VisitPhoto
from orchard.visits.rules import PhotoOf, PhotoState
from tests import make
from tests.visits.asking import ask, scheduled, technician

GPS, ORIENTATION, MAKER, DESCRIPTION = 0x8825, 0x0112, 0x010F, 0x010E


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **options) -> bytes:
    data = BytesIO()
    Image.new("RGB", size, (20, 120, 40)).save(data, kind, **options)
    return data.getvalue()


def with_place(orientation: int = 6) -> bytes:
    """Return a photo as phones make them: lying on its side, with place and maker."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER], exif[DESCRIPTION] = orientation, "SecretPhone", "<script>"
    exif.get_ifd(GPS).update({1: "N", 2: (31.0, 6.0, 0.0), 3: "E", 4: (108.0, 17.0, 0.0)})
    return picture(exif=exif)


def header_only(width: int, height: int) -> bytes:
    """Return the first bytes of a PNG that claims a size."""
    told = b"IHDR" + pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rest = pack(">I", 0) + b"IDAT" + pack(">I", zlib.crc32(b"IDAT"))
    return b"\x89PNG\r\n\x1a\n" + pack(">I", 13) + told + pack(">I", zlib.crc32(told)) + rest


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "visits.photo_empty"),
        (b"hello", "visits.photo_unreadable"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "visits.photo_unreadable"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(60), "visits.photo_heic"),
        (picture("GIF"), "visits.photo_unreadable"),
        (picture("BMP"), "visits.photo_unreadable"),
        (header_only(13_000, 13_000), "visits.photo_too_big_pixels"),
        (header_only(65_500, 65_500), "visits.photo_too_big_pixels"),
        (header_only(4_900, 4_900), "visits.photo_too_big_pixels"),
        (header_only(0, 10), "visits.photo_unreadable"),
        (bytes(8 * 1024 * 1024 + 1), "visits.photo_too_big"),
        (picture("PNG")[:20], "visits.photo_unreadable"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_no_photo_of_ours_is_refused_before_anything_is_decoded(data, code):
    with warnings.catch_warnings(), pytest.raises(FieldRefused) as no:
        warnings.simplefilter("error")
        photos.check(data)
    assert no.value.code == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_cameras_send_is_taken(kind):
    photos.check(picture(kind))
    photos.check(picture(kind) + b"<html>trailer")


@pytest.fixture
def request_of(sqlite_database):
    """A request, its grower and its technician."""
    with clock.frozen_at(make.NOW):
        with db.transaction() as session:
            grower = make.caller(session)
            expert = technician(session)
            request = scheduled(session, grower, expert)
        yield request, grower, expert


def send(request, caller, data: bytes, photo_id=None):
    id_ = photo_id or new_id()
    with photos.kept(id_, data) as sent, db.transaction() as session:
        photos.add(session, caller, request.id, sent, now=make.NOW)
    return id_


def draw() -> dict[str, int]:
    return jobs.draw(in_hand())


def in_hand(now=make.NOW):
    """Return a run that nobody can take over."""
    return SimpleNamespace(now=now, stopping=Event(), transaction=db.transaction)


def of(photo_id) -> VisitPhoto:
    with db.reading() as session:
        return session.get_one(VisitPhoto, photo_id)


@pytest.mark.parametrize(("orientation", "size"), [(1, (64, 48)), (3, (64, 48)), (6, (48, 64))])
def test_a_photo_is_drawn_anew_upright_without_place_maker_or_words(request_of, orientation, size):
    request, grower, _ = request_of
    id_ = send(request, grower, with_place(orientation) + b"PK\x03\x04trailer")
    assert draw() == {"drawn": 1, "broken": 0}
    kept = photos.path_of(id_).read_bytes()
    with Image.open(BytesIO(kept)) as image:
        assert (image.format, image.size) == ("WEBP", size)
        assert not image.getexif()
        assert set(image.info) <= {"loop", "background"}
    for secret in (b"SecretPhone", b"script", b"trailer", b"GPS", b"Exif"):
        assert secret not in kept
    row = of(id_)
    assert (row.state, row.width, row.height) == (PhotoState.READY, *size)
    assert not photos.path_of(id_, photos.UPLOAD).exists()
    assert draw() == {"drawn": 0, "broken": 0}


def test_a_large_photo_becomes_small(request_of):
    request, grower, _ = request_of
    id_ = send(request, grower, picture(size=(5_000, 4_000)))
    draw()
    with Image.open(photos.path_of(id_)) as image:
        assert image.size == (1_600, 1_280)


def test_a_truncated_photo_is_marked_broken_and_never_shown(request_of):
    request, grower, _ = request_of
    whole = picture(size=(400, 300), quality=95)
    id_ = send(request, grower, whole[: len(whole) // 2])
    assert draw() == {"drawn": 0, "broken": 1}
    assert of(id_).state == PhotoState.BROKEN
    with db.reading() as session, pytest.raises(NotVisible):
        reports.photo_for(session, grower, id_, make.NOW)
    assert list(photos.path_of(id_).parent.glob("*")) == []


def test_a_photo_is_seen_by_its_grower_and_who_is_in_charge_only(request_of):
    request, grower, expert = request_of
    id_ = send(request, grower, picture())
    with db.reading() as session, pytest.raises(NotVisible):
        reports.photo_for(session, grower, id_, make.NOW)  # not drawn yet
    draw()
    with db.transaction() as session:
        for who in (grower, expert):
            assert reports.photo_for(session, who, id_, make.NOW).id == id_
        for who in (
            make.caller(session),
            technician(session),
            technician(session, make.DADE),
            make.caller(session, Role.SECRETARY),
            make.visitor(Role.DISTRICT, "500154"),
        ):
            with pytest.raises(NotVisible):
                reports.photo_for(session, who, id_, make.NOW)
            assert reports.photos_of(session, who, request, make.NOW) == []


def test_the_technicians_photo_belongs_to_the_record(request_of):
    request, grower, expert = request_of
    mine, his = send(request, grower, picture()), send(request, expert, picture(size=(10, 10)))
    assert (of(mine).of, of(his).of) == (PhotoOf.REQUEST, PhotoOf.RECORD)


def test_the_same_photo_twice_is_one_and_another_under_its_id_is_a_conflict(request_of):
    request, grower, expert = request_of
    id_ = send(request, grower, picture())
    assert send(request, grower, picture(), id_) == id_
    with pytest.raises(Conflict):
        send(request, grower, picture(size=(9, 9)), id_)
    with pytest.raises(NotVisible):
        send(request, expert, picture(), id_)
    assert photos.path_of(id_, photos.UPLOAD).read_bytes() == picture()
    with db.reading() as session:
        kinds = [row.kind.value for row in session.exec(select(VisitEvent))]
    assert kinds.count("photo") == 1


def test_a_request_holds_three_photos_and_a_refused_one_leaves_no_file(request_of):
    request, grower, _ = request_of
    for _ in range(rules.MOST_PHOTOS):
        send(request, grower, picture())
    with pytest.raises(rules.TooManyPhotos):
        send(request, grower, picture())
    assert len(list(photos.path_of(new_id()).parent.glob("*"))) == rules.MOST_PHOTOS


def test_strangers_add_no_photo_and_leave_no_file(request_of):
    request, _, _ = request_of
    with db.transaction() as session:
        stranger, other = make.caller(session), technician(session)
    for who in (stranger, other):
        with pytest.raises(NotVisible):
            send(request, who, picture())
    assert list(photos.path_of(new_id()).parent.glob("*")) == []


def test_a_file_whose_request_failed_is_swept_after_a_day(request_of):
    request, grower, _ = request_of
    kept = send(request, grower, picture())
    lost = photos.path_of(new_id(), photos.UPLOAD)
    lost.write_bytes(picture())
    assert jobs.sweep(in_hand(make.NOW + timedelta(days=3000))) == {"deleted": 1}
    assert not lost.exists()
    assert photos.path_of(kept, photos.UPLOAD).exists()


class Fell(Exception):
    """The request failed."""


def files() -> list[str]:
    return sorted(path.name for path in photos.path_of(new_id()).parent.glob("*"))


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
    assert photos.draw(id_) == (64, 48)
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


def test_the_grower_may_cancel_a_request_with_a_photo(request_of):
    request, grower, _ = request_of
    send(request, grower, picture())
    with db.transaction() as session:
        other = ask(session, grower, make.plot(session, grower))
        services.cancel(session, grower, request.id, now=make.NOW)
    with pytest.raises(NotVisible):
        send(other, make_stranger(), picture())


def make_stranger():
    with db.transaction() as session:
        return make.caller(session)
