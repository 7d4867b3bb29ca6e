"""Invented ID numbers of the plantation's crews, sealed as a typed one would be."""

from datetime import date

from orchard.demo.cast import COUNTY
from orchard.demo.facts import PAID_AT, moment
from orchard.demo.labour import Worker
from orchard.demo.records import Records
from orchard.wages.id_numbers import IdCard, check_digit
from orchard.wages.models import IdNumber
from orchard.wages.sealing import number_hash, seal

ORDER_CODE = "000"  # never issued: no real number can come out


def number_of(worker: Worker) -> str:
    """Return a number that fits somebody's birth date and is nobody's."""
    first_17 = f"{COUNTY}{worker.born_on:%Y%m%d}{ORDER_CODE}"
    return first_17 + check_digit(first_17)


def put_number(records: Records, worker: Worker, on_day: date) -> None:
    """Gather somebody's sealed number; where two were born on a day the first has it."""
    card = IdCard(number_of(worker), worker.born_on)
    key_id, sealed = seal(card.number, worker.id)
    records.add(
        IdNumber,
        person_id=worker.id,
        key_id=key_id,
        sealed=sealed,
        keyed_hash=number_hash(card.number),
        masked=card.masked,
        written_at=moment(on_day, PAID_AT),
        written_by_id=records.by_id,
    )
