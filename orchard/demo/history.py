"""The county's work of 2022, as individual records at their real dates."""

from random import Random
from uuid import UUID

from sqlmodel import Session, select

from orchard.accounts.models import Employer, Grant
from orchard.accounts.rules import Role
from orchard.demo.book import book
from orchard.demo.cast import cast
from orchard.demo.facts import HIRED_AT, moment
from orchard.demo.labour import Labour, rural_villages
from orchard.demo.living import caller_for
from orchard.demo.plantation import RATES_FROM, Plantation
from orchard.demo.records import Records
from orchard.demo.traps import add_traps
from orchard.demo.workshops import add_workshops

SEED = "kaizhou-2022"


def add_history(session: Session) -> None:
    """Insert who worked where in 2022: the plantation of the cast, the workshops, the traps."""
    firm = cast().firms[0]
    employer = session.exec(select(Employer).where(Employer.name == firm.name)).one()
    records = Records(Random(SEED))
    labour = Labour(records, rural_villages(session))
    plantation = Plantation(records, labour, employer.id, firm.village)
    plantation.manager_id = caller_for(session, Role.MANAGER).account_id
    _was_there(session, plantation.manager_id)
    plantation.rates()
    plantation.hire_all()
    guests = plantation.guests(sum(shop.guests for shop in book().shops))
    shops = add_workshops(records, labour, guests)
    add_traps(plantation, shops)
    records.insert(session)


def _was_there(session: Session, manager_id: UUID) -> None:
    """Date the manager's role before his first record: later, he would not see what he wrote."""
    [grant] = session.exec(select(Grant).where(Grant.account_id == manager_id)).all()
    grant.granted_at = moment(RATES_FROM, HIRED_AT)
    session.add(grant)
