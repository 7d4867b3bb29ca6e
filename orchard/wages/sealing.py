"""Sealing ID numbers with keys that lie outside the database, and the hash that finds them again.

ORCHARD_FIELD_KEYS holds one secret or several with commas between, the newest first: the first
seals, the others only open. The hash is made with the last one, so that it stays the same.
"""

import hashlib
import hmac
import secrets
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from orchard import settings
from orchard.errors import Refused

NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits, random


class KeyMissing(Refused):
    """The key that sealed a number is not among the keys of this installation."""

    code = "wages.id.key_missing"


def seal(number: str, person_id: UUID) -> tuple[str, bytes]:
    """Return (key id, sealed number); it opens for this person's record only."""
    secret = _secrets()[0]
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_derived(secret, b"seal")).encrypt(nonce, number.encode(), person_id.bytes)
    return key_id(secret), nonce + sealed


def unseal(key: str, sealed: bytes, person_id: UUID) -> str:
    """Return the number, or raise KeyMissing where no key fits key id, content and person."""
    secret = next((one for one in _secrets() if key_id(one) == key), None)
    if secret is None:
        raise KeyMissing
    try:
        opened = AESGCM(_derived(secret, b"seal")).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], person_id.bytes
        )
    except InvalidTag:
        raise KeyMissing from None
    return opened.decode()


def number_hash(number: str) -> str:
    """Return the form in which a number is compared: without the key it cannot be guessed."""
    return hmac.new(_derived(_secrets()[-1], b"hash"), number.encode(), hashlib.sha256).hexdigest()


def newest_key() -> str:
    """Return the id of the key that seals now."""
    return key_id(_secrets()[0])


def key_id(secret: str) -> str:
    """Return by which name a key is known in the database; nothing of the key is in it."""
    return _derived(secret, b"name").hex()[:16]


def _secrets() -> list[str]:
    return [part.strip() for part in settings.get().key("field_keys").split(",") if part.strip()]


@cache
def _derived(secret: str, use: bytes) -> bytes:
    info = b"orchard id number " + use
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret.encode())
