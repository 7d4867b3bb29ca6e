"""Decimals that people type and read, and the scaled integers that are stored."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from orchard.errors import OrchardError

MU_PER = {
    "": Decimal(1),
    "亩": Decimal(1),
    "mu": Decimal(1),
    "公顷": Decimal(15),  # 1 ha = 15 mu exactly
    "平方米": Decimal(3) / Decimal(2000),  # 1 mu = 2000/3 m2
    "㎡": Decimal(3) / Decimal(2000),
    "m2": Decimal(3) / Decimal(2000),
    "平方公里": Decimal(1500),
    "万亩": Decimal(10000),
}
_QUANTITY = re.compile(
    r"(\d{1,3}(?:,\d{3})+|\d{1,9})(\.\d{1,6})?\s*(亩|mu|公顷|平方米|m2|平方公里|万亩)?", re.ASCII
)
_YUAN = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,9})(\.\d{1,2})?\s*(元|块|yuan)?", re.ASCII)


class UnitError(OrchardError):
    """The text is not a quantity of this kind."""

    code = "errors.quantity"


def plain(text: str) -> str:
    """Return full-width digits, letters and points as plain ones, without outer space."""
    return unicodedata.normalize("NFKC", text).strip()


def mu_to_x100(text: str) -> int:
    """Return an area typed in mu (or ha, m2, km2 with the unit written) in hundredths of a mu.

    Rounds half up to 0.01 mu. Raises UnitError for anything else than a positive decimal.
    """
    if any(unicodedata.category(char) in ("No", "Nl") for char in text):
        raise UnitError
    found = _QUANTITY.fullmatch(plain(text))
    if not found:
        raise UnitError
    whole, fraction, unit = found.groups()
    return round_half_up(
        Decimal(whole.replace(",", "") + (fraction or "")) * MU_PER[unit or ""] * 100
    )


def round_half_up(value: Decimal) -> int:
    """Return the nearest integer; a half goes away from zero."""
    return int(value.quantize(Decimal(1), rounding="ROUND_HALF_UP"))


@lru_cache(maxsize=4096)
def x100_to_text(value: int) -> str:
    """Return hundredths as the shortest decimal: 600 is "6", 650 is "6.5"."""
    whole, rest = divmod(value, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)


def signed_x100_to_text(value: int) -> str:
    """Return hundredths that may be less than nothing as the shortest decimal: -50 is "-0.5"."""
    return f"-{x100_to_text(-value)}" if value < 0 else x100_to_text(value)


def fen_to_yuan(fen: int) -> str:
    """Return an amount as people write it: 156000 is "1,560", -5 is "-0.05"."""
    whole, rest = divmod(abs(fen), 100)
    text = f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
    return f"-{text}" if fen < 0 else text


def fen_x100_to_yuan(rate: int) -> str:
    """Return a rate as people write it: 1,300,000 hundredths of a fen is "130", 1,500 "0.15"."""
    text = f"{Decimal(rate) / 10_000:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def yuan_to_fen(text: str) -> int:
    """Return an amount typed in yuan in fen; raises UnitError for anything but a positive one."""
    found = _YUAN.fullmatch(plain(text))
    if not found:
        raise UnitError
    return int(Decimal(found[1].replace(",", "") + (found[2] or "")) * 100)


def typed_x100(text: str) -> int:
    """Return a typed number with at most two decimals in hundredths; UnitError otherwise."""
    found = _YUAN.fullmatch(plain(text))
    if not found or found[3]:
        raise UnitError
    return int(Decimal(found[1].replace(",", "") + (found[2] or "")) * 100)


def decimal_text(value: int, scale: int) -> str:
    """Return a scaled integer as a decimal with all its places, as the JSON interface shows it."""
    return str(Decimal(value).scaleb(-scale))


def to_integer(text: str) -> int:
    """Return a whole number typed by a person; raises UnitError otherwise."""
    try:
        number = Decimal(plain(text))
    except InvalidOperation:
        raise UnitError from None
    if not number.is_finite() or number != number.to_integral_value() or abs(number) > 10**9:
        raise UnitError
    return int(number)
