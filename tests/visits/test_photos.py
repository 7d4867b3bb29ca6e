"""Photos: big, broken and dangerous files; what is shown holds nothing of the phone."""

import warnings
from io import BytesIO

import pytest
from PIL import Image
from sqlmodel import select

from orchard import db
from orchard.accounts.rules import Role
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from orchard.visits import images, photos, reports, rules, services
from orchard.visits.models import VisitEvent
from orchard.visits.rules import PhotoOf, PhotoState
from tests import make
from tests.visits.asking import ask, technician
from tests.visits.pictures import draw, header_only, of, picture, send, with_place


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
        images.check(data)
    assert no.value.code == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_cameras_send_is_taken(kind):
    images.check(picture(kind))
    images.check(picture(kind) + b"<html>trailer")


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
