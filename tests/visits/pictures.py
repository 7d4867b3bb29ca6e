"""Photos as phones make them and as nobody should, sent, drawn and found again."""

import zlib
from io import BytesIO
from struct import pack
from threading import Event
from types import SimpleNamespace

from PIL import Image

from jobs import photos as jobs
from orchard import db
from orchard.ids import new_id
from orchard.visits import photos
from orchard.visits.models import VisitPhoto
from tests import make

GPS, ORIENTATION, MAKER, DESCRIPTION = 0x8825, 0x0112, 0x010F, 0x010E


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **options) -> bytes:
    """Return a picture in one colour."""
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


def send(request, caller, data: bytes, photo_id=None):
    """Send a photo of a request as a page does; return its id."""
    id_ = photo_id or new_id()
    with photos.kept(id_, data) as sent, db.transaction() as session:
        photos.add(session, caller, request.id, sent, now=make.NOW)
    return id_


def draw() -> dict[str, int]:
    """Draw what waits, as the job does."""
    return jobs.draw(in_hand())


def in_hand(now=make.NOW):
    """Return a run that nobody can take over."""
    return SimpleNamespace(now=now, stopping=Event(), transaction=db.transaction)


def of(photo_id) -> VisitPhoto:
    """Return the row of a photo."""
    with db.reading() as session:
        return session.get_one(VisitPhoto, photo_id)


def files() -> list[str]:
    """Return the names of all photo files."""
    return sorted(path.name for path in photos.path_of(new_id()).parent.glob("*"))
