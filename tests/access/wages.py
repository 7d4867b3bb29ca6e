"""Rates, pay lines, payments, ID numbers: who knocks at which record, and who finds it."""

from typing import Any

from sqlmodel import Session

from tests.access.case import Case
from tests.access.cast import Cast, Faces

CASES: dict[str, Case] = {}
REACH: dict[str, dict[str, set[str]]] = {}
SUBJECTS: dict[str, tuple[str, ...]] = {}


def fill(session: Session, cast: Cast, faces: Faces) -> None:
    """Write the records that are knocked at into the cast's records, by kind and subject."""


def values(cast: Cast, subject: str) -> dict[str, Any]:
    """Return the values of this room's address arguments for a subject."""
    return {}
