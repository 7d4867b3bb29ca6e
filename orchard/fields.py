"""Typed fields that forms and the JSON interface share: what may be typed, and its stored form."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from orchard import units

MIDDLE_DOTS = re.compile("[•．‧・・]")  # typed for the middle dot of a name
FORBIDDEN = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
BEGINS_A_NUMBER = re.compile(r"[+(\d]", re.ASCII)
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Shape(BaseModel):
    """What pages and the JSON interface take or give; built at its first use, not at the start."""

    model_config = ConfigDict(defer_build=True)


class Input(Shape):
    """A form or JSON body: unknown fields are ignored, never stored."""

    model_config = ConfigDict(extra="ignore", str_max_length=4000, frozen=True)


def wrong(code: str, **values: Any) -> PydanticCustomError:
    """Return a refusal of one field; the code is the key of its sentence."""
    return PydanticCustomError(code, "refused", values)


def _line(value: Any) -> Any:
    """Return one line of text in NFC with single outer-trimmed spaces."""
    if not isinstance(value, str):
        return value
    if any(unicodedata.category(char) in FORBIDDEN for char in value) or INVISIBLE.search(value):
        raise wrong("web.form.unreadable")
    return unicodedata.normalize("NFC", value).strip()


def _name(value: str) -> str:
    value = MIDDLE_DOTS.sub("·", value)
    value = re.sub(r"\s+", "", value) if _is_han(value) else re.sub(r"\s+", " ", value)
    if any(unicodedata.category(char) in ("So", "Sk") for char in value):
        raise wrong("web.form.name")
    return value


def _is_han(value: str) -> bool:
    return all("CJK" in unicodedata.name(char, "") or char.isspace() for char in value)


def _phone(value: Any) -> Any:
    """Return a mobile or fixed number of China in E.164, or of abroad when it begins with +."""
    if not isinstance(value, str):
        return value
    text = INVISIBLE.sub("", units.plain(value))
    if not BEGINS_A_NUMBER.match(text):  # the library skips what stands before, such as =
        raise wrong("web.form.phone")
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        raise wrong("web.form.phone") from None
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise wrong("web.form.phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_or_none(text: str) -> str | None:
    """Return a typed number in its stored form, or None where it is none."""
    try:
        return str(_phone(text))
    except PydanticCustomError:
        return None


def _mu(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str):
        raise wrong("web.form.area")
    try:
        area = units.mu_to_x100(value)
    except units.UnitError:
        raise wrong("web.form.area") from None
    if not 1 <= area <= 10_000_000:  # 0.01 to 100,000 mu
        raise wrong("web.form.area")
    return area


def _integer(value: Any) -> Any:
    if isinstance(value, bool):
        raise wrong("web.form.whole_number")
    if isinstance(value, str):
        if not value.strip():
            return None
        try:
            return units.to_integer(value)
        except units.UnitError:
            raise wrong("web.form.whole_number") from None
    return value


def _decimal(value: Any) -> Any:
    if isinstance(value, bool):
        raise wrong("web.form.number")
    if isinstance(value, str):
        text = units.plain(value)
        if not text:
            return None
        if not re.fullmatch(r"-?\d{1,4}(\.\d{1,15})?", text, re.ASCII):
            raise wrong("web.form.number")
        return float(text)
    return value


def _day(value: Any) -> Any:
    """Take a day as 2026-12-03 only: pydantic would take any number for seconds."""
    if isinstance(value, date):
        return value
    text = units.plain(value) if isinstance(value, str) else ""
    if not ISO_DAY.fullmatch(text):
        raise wrong("web.form.day")
    return text


def blank_is_none(value: Any) -> Any:
    """Return None for a text of nothing but space: a field that was left empty."""
    return None if isinstance(value, str) and not value.strip() else value


AsNone = BeforeValidator(blank_is_none)
Line = Annotated[str, BeforeValidator(_line), Field(min_length=1, max_length=40)]
LongLine = Annotated[str, BeforeValidator(_line), Field(max_length=200)]
PersonName = Annotated[
    str, BeforeValidator(_line), Field(min_length=1, max_length=40), AfterValidator(_name)
]
Phone = Annotated[str, BeforeValidator(_phone)]
OptionalPhone = Annotated[Phone | None, AsNone]
AreaMuX100 = Annotated[int, BeforeValidator(_mu)]
AsWhole = BeforeValidator(_integer)  # a bound goes on the int inside: None has no size
WholeNumber = Annotated[int | None, AsWhole]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Version = Annotated[int, Field(ge=1, le=1_000_000_000), AsWhole]  # of a record, as it was seen
SeenVersion = Annotated[int, Field(ge=0, le=1_000_000_000), AsWhole]  # 0: nothing was stored yet
Degrees = Annotated[Finite | None, BeforeValidator(_decimal)]
OptionalId = Annotated[UUID | None, AsNone]
Day = Annotated[date, BeforeValidator(_day)]
OptionalDay = Annotated[Day | None, AsNone]
