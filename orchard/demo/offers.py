"""Openings of the season, and who wants to come."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from orchard.demo.facts import moment
from orchard.demo.labour import Worker
from orchard.demo.plan import Offer, plan
from orchard.demo.records import Records
from orchard.demo.whereabouts import Firm
from orchard.hiring.models import Application, Opening
from orchard.hiring.rules import ApplicationState

OFFERED_BEFORE = timedelta(days=4)


def add_offers(
    records: Records, firms: Mapping[str, Firm], applicants: Sequence[Worker], today: date
) -> None:
    """Gather what is offered today; the applicants ask one after another."""
    waiting = list(applicants)
    for offer in plan().offers:
        asking, waiting = waiting[: offer.applications], waiting[offer.applications :]
        _offer(records, firms[offer.employer], offer, asking, today)


def _offer(
    records: Records, firm: Firm, offer: Offer, asking: Sequence[Worker], today: date
) -> None:
    first = today + timedelta(days=offer.in_days)
    made_at = moment(min(first, today) - OFFERED_BEFORE)
    work = plan().work(offer.work, first.month)
    pay = plan().wage(offer.pay, work).pay
    opening_id = records.new_id(made_at.date())
    records.add(
        Opening,
        id=opening_id,
        employer_id=firm.id,
        work=work,
        workplace_code=firm.village,
        people=offer.people,
        first_day=first,
        days=offer.days,
        last_day=first + timedelta(days=offer.days - 1),
        basis=pay.basis,
        rate_fen_x100=pay.rate_fen_x100,
        note=offer.note,
        made_at=made_at,
        made_by_id=firm.by_id,
        closed_at=moment(first) if offer.closed else None,
    )
    for worker in asking:
        at = moment(today - timedelta(days=1))
        records.add(
            Application,
            opening_id=opening_id,
            person_id=worker.id,
            state=ApplicationState.OPEN,
            at=at,
            changed_at=at,
        )
