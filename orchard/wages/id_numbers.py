"""Reading a resident ID-card number (GB 11643): its one form, its check digit, its birth date.

python-stdnum refuses numbers of people who are alive here: it demands that the county code existed
in the year of birth (ecosystem.md F8), and Kaizhou was 512222, 500234 and 500154 in one lifetime.
So the nine lines of ISO 7064 MOD 11-2 stand here, and of the place only the province is looked at.
"""

import re
from dataclasses import dataclass
from datetime import date

from orchard.errors import FieldRefused
from orchard.hiring import ages

OLDEST = 130
WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
CHECK = "10X98765432"
PROVINCES = re.compile(  # GB/T 2260; 81 and 82: permits of residents from Hong Kong and Macau
    r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]", re.ASCII
)
FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")
BETWEEN = re.compile("[\\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u2010-\u2015\uff0d-]")
NUMBER = re.compile(r"\d{17}[\dX]", re.ASCII)
FIRST_GENERATION = re.compile(r"\d{15}", re.ASCII)
PERMIT = re.compile(r"[HM]\d{8}(\d{2})?", re.ASCII)  # home-return permit of Hong Kong, Macau
FIELD = "id_number"


@dataclass(frozen=True)
class IdCard:
    """A number in its stored form, and what it says of its holder's birth."""

    number: str
    born_on: date

    @property
    def masked(self) -> str:
        """Return what is shown: 3 digits, stars, 4 digits."""
        return f"{self.number[:3]}{'*' * 11}{self.number[-4:]}"


def normalise(text: str) -> str:
    """Return what was typed without spaces and hyphens, full-width forms plain, x as X."""
    return BETWEEN.sub("", text).translate(FULL_WIDTH).replace("x", "X")


def read(text: str, today: date) -> IdCard:
    """Return a typed number, or refuse it with the sentence that helps."""
    number = normalise(text)
    if FIRST_GENERATION.fullmatch(number):
        raise FieldRefused(FIELD, "wages.id.old")
    if PERMIT.fullmatch(number) or (NUMBER.fullmatch(number) and number.startswith("83")):
        raise FieldRefused(FIELD, "wages.id.other_document")
    if not NUMBER.fullmatch(number) or not PROVINCES.fullmatch(number[:2]):
        raise FieldRefused(FIELD, "wages.id.wrong")
    born_on = _born_on(number, today)
    if born_on is None or number[-1] != check_digit(number[:17]):
        raise FieldRefused(FIELD, "wages.id.wrong")
    return IdCard(number, born_on)


def check_digit(first_17: str) -> str:
    """Return the last character by ISO 7064 MOD 11-2."""
    pairs = zip(first_17, WEIGHTS, strict=True)
    return CHECK[sum(int(digit) * weight for digit, weight in pairs) % 11]


def _born_on(number: str, today: date) -> date | None:
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born_on if born_on <= today and ages.age_on(born_on, today) <= OLDEST else None


def check_age(born_on: date, hired_on: date) -> None:
    """Refuse the number of somebody who was too young on a day of hire."""
    if ages.age_on(born_on, hired_on) < ages.youngest():
        raise FieldRefused(FIELD, "wages.id.under_16", years=ages.youngest(), day=hired_on)
