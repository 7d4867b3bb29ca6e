"""Identifiers that sort by the time they were made."""

from uuid import UUID

from uuid6 import uuid7


def new_id() -> UUID:
    """Return a new UUID of version 7 as the standard library's type."""
    return UUID(int=uuid7().int)
