"""Which PINs and passwords are refused because anybody would guess them first."""

import tomllib
from functools import cache
from importlib.resources import files

from orchard.errors import FieldRefused

PIN_DIGITS = 6  # decision 12
PASSWORD_LENGTH = range(12, 129)  # decision 12: staff, at least 12 characters


def check_pin(pin: str, phone: str = "") -> None:
    """Refuse a PIN that is not six digits, or that anybody would guess first."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        raise FieldRefused("secret", "accounts.pin_shape")
    if _is_pattern(pin) or pin in _pins() or (phone and pin in phone):
        raise FieldRefused("secret", "accounts.pin_easy")


def check_password(password: str, phone: str = "") -> None:
    """Refuse a password that is too short, too long, or on the list of guessable ones.

    No rules of composition, nothing trimmed, case kept (reliability.md 6.2).
    """
    if len(password) not in PASSWORD_LENGTH:
        raise FieldRefused("secret", "accounts.password_length")
    plain = password.casefold()
    is_repeat = len(set(plain)) <= 2
    if plain in common_passwords() or is_repeat or (phone and phone.lstrip("+") in plain):
        raise FieldRefused("secret", "accounts.password_common")


def _is_pattern(pin: str) -> bool:
    """Say whether the digits run, repeat or mirror themselves."""
    steps = {int(b) - int(a) for a, b in zip(pin, pin[1:], strict=False)}
    is_run = len(steps) == 1
    is_repeat = pin == pin[:2] * 3 or pin == pin[:3] * 2
    return is_run or is_repeat or pin == pin[::-1]


@cache
def common_passwords() -> frozenset[str]:
    """Return the guessable passwords that are long enough to be tried at all."""
    words, tails = _data()["words"], _data()["tails"]
    made = {word + tail for word in words for tail in tails}
    made |= {one + other for one in words for other in words}
    return frozenset(text for text in made if len(text) in PASSWORD_LENGTH)


@cache
def _pins() -> frozenset[str]:
    return frozenset(_data()["pins"])


@cache
def _data() -> dict[str, list[str]]:
    text = files("orchard.accounts").joinpath("data", "guessable.toml").read_text("utf-8")
    return tomllib.loads(text)
