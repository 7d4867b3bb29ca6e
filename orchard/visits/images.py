"""What a photo is and how it is drawn anew; read at the first photo, as Pillow is slow to load."""

import os
from io import BytesIO
from pathlib import Path
from uuid import UUID

from PIL import Image, ImageOps, UnidentifiedImageError

from orchard.errors import FieldRefused
from orchard.visits import rules
from orchard.visits.photos import DRAFT, DRAWN, UPLOAD, path_of

FORMATS = ("JPEG", "PNG", "WEBP")  # what cameras and chat apps send; HEIC needs another decoder
QUALITY = 80  # of the WebP: about 200 KB at 1600 pixels
Image.MAX_IMAGE_PIXELS = None  # our own, lower limit is checked before anything is decoded
BROKEN = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError)


def check(data: bytes) -> None:
    """Refuse what is no photo of ours, by the first bytes of the file: nothing is decoded."""
    if not data:
        raise FieldRefused("photo", "visits.photo_empty")
    if len(data) > rules.PHOTO_BYTES:
        raise FieldRefused("photo", "visits.photo_too_big", n=rules.PHOTO_BYTES // 1024 // 1024)
    if data[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"):
        raise FieldRefused("photo", "visits.photo_heic")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
    except (UnidentifiedImageError, *BROKEN):
        raise FieldRefused("photo", "visits.photo_unreadable") from None
    if width * height > rules.PHOTO_PIXELS or not width * height:
        raise FieldRefused("photo", "visits.photo_too_big_pixels")


def draw(photo_id: UUID) -> tuple[int, int] | None:
    """Draw a kept photo anew, upright and small; its size, or None for a broken file."""
    target = path_of(photo_id, DRAWN)
    try:
        with Image.open(path_of(photo_id, UPLOAD), formats=FORMATS) as image:
            size = _redraw(image, target)
    except FileNotFoundError:  # a backup was taken after the drawing and before its note
        return _size(target)
    except BROKEN:
        return None
    return size


def _redraw(image: Image.Image, target: Path) -> tuple[int, int]:
    if image.width * image.height > rules.PHOTO_PIXELS:
        raise ValueError(target.name)
    edge = (rules.PHOTO_EDGE, rules.PHOTO_EDGE)
    image.draft("RGB", edge)
    upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail(edge)
    plain = Image.frombytes("RGB", upright.size, upright.tobytes())  # no notes of the old file
    draft = target.with_suffix(DRAFT)
    with draft.open("wb") as file:
        plain.save(file, "WEBP", quality=QUALITY)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    return plain.size


def _size(path: Path) -> tuple[int, int] | None:
    try:
        with Image.open(path, formats=("WEBP",)) as image:
            return image.size
    except BROKEN:
        return None
