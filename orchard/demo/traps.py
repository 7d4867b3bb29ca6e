"""What is wrong in the plantation's year, or nearly: all of it outside the figures told of 2022."""

from datetime import date
from uuid import UUID

from orchard.demo.cast import ZHUXI
from orchard.demo.facts import Correction, Line, days_from
from orchard.demo.plantation import JIN_RATE, Plantation, Stretch, add_heat
from orchard.demo.workshops import Workshop
from orchard.hiring.rules import StatusKind
from orchard.wages.rules import AnswerState, Objection, Proof

UNPROVED = Stretch("打药组", "spraying", range(3), tuple(days_from(date(2022, 10, 10), 3)))
NAVELS = Stretch(
    "采脐橙组", "picking", range(20, 26), tuple(days_from(date(2022, 12, 5), 8)), JIN_RATE
)
DISPUTED_X100 = 2_000  # 20 jin
OBJECTION, ANSWER = "少记了20斤", "查了过磅单，补20斤"
EDGE_SHOP = "W09"  # three who lost the status the day before the year, one who got it after the day


def add_traps(plantation: Plantation, shops: dict[str, Workshop]) -> None:
    """Gather them all, as far as they can be stored; what the services refuse is in the tests."""
    add_heat(plantation.records, plantation.job.employer_id)
    _unproved(plantation)
    _disputed(plantation)
    _edges_of_status(shops[EDGE_SHOP])
    for shop in shops.values():
        _edges_of_time(shop)


def _unproved(plantation: Plantation) -> None:
    """Three lines that were paid and nobody can show it."""
    crew = plantation.crew(UNPROVED)
    for number in UNPROVED.people:
        worker = plantation.workers[number]
        _hire, lines = plantation.hired(worker, UNPROVED, crew)
        plantation.pay(worker, lines[:-1], Proof.SIGNATURE)
        plantation.pay(worker, lines[-1:], Proof.MISSING)


def _disputed(plantation: Plantation) -> None:
    """One worker says that 20 jin are missing; they are, and a further line corrects it."""
    crew = plantation.crew(NAVELS)
    for number in NAVELS.people:
        worker = plantation.workers[number]
        hire_id, lines = plantation.hired(worker, NAVELS, crew)
        if number == NAVELS.people.start:
            by = plantation.labour.open_account(worker, ZHUXI, NAVELS.days[0])
            lines.append(_corrected(plantation, hire_id, lines[3], by))
        plantation.pay(worker, lines, Proof.SIGNATURE)


def _corrected(plantation: Plantation, hire_id: UUID, line: Line, by_id: UUID) -> Line:
    records, said = plantation.records, {"reason": Objection.QUANTITY, "note": OBJECTION}
    why = Correction(line.id, ANSWER)
    further = records.line(hire_id, line.worked_on, JIN_RATE, DISPUTED_X100, why)
    records.answer(line, AnswerState.OBJECTED, 1, by_id=by_id, **said)
    records.answer(line, AnswerState.ANSWERED, 2, note=ANSWER, correction_id=further.id)
    records.answer(line, AnswerState.CONFIRMED, 3, by_id=by_id)
    return further


def _edges_of_status(shop: Workshop) -> None:
    """Give some a status that was over before the year, or began after the day that is told."""
    plain = [seat.worker for seat in shop.seats if not seat.is_lifted and seat.worker]
    for worker in plain[:3]:
        shop.labour.status(worker, StatusKind.MONITORED, date(2021, 3, 1), date(2021, 12, 31))
    shop.labour.status(plain[3], StatusKind.MONITORED, date(2022, 9, 22))


def _edges_of_time(shop: Workshop) -> None:
    """Add somebody who left on the last day of 2021, and somebody who came on 2022-09-22."""
    if not shop.shop.earlier:
        shop.pass_through(date(2021, 10, 11), date(2021, 12, 31))
    shop.pass_through(date(2022, 9, 22), date(2022, 9, 30))
