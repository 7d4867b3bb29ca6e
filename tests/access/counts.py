"""The counts and their people: who knocks at which record, and who finds it."""

from typing import Any

from sqlmodel import Session

from tests.access.case import FREE, Case
from tests.access.cast import Cast, Faces

CASES: dict[str, Case] = {
    "api_counts.local_hires": FREE,
}
REACH: dict[str, dict[str, set[str]]] = {}
SUBJECTS: dict[str, tuple[str, ...]] = {}


def fill(session: Session, cast: Cast, faces: Faces) -> None:
    """Write the records that are knocked at into the cast's records, by kind and subject."""


def values(cast: Cast, subject: str) -> dict[str, Any]:
    """Return the values of this room's address arguments for a subject."""
    return {}
