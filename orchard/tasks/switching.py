"""Which rows of the calendar a town has on, and who switched them."""

from sqlmodel import Session, col, select

from orchard.accounts.models import Account, Person
from orchard.tasks import rules
from orchard.tasks.models import CalendarSwitch

SHOWN = 50  # of a town's changes


def switches(session: Session) -> dict[str, dict[str, bool]]:
    """Return what each town switched itself: {town: {code: is on}}."""
    rows = session.exec(
        select(CalendarSwitch.town_code, CalendarSwitch.code, CalendarSwitch.is_on).order_by(
            col(CalendarSwitch.version)
        )
    )
    found: dict[str, dict[str, bool]] = {}
    for town, code, is_on in rows:
        found.setdefault(town, {})[code] = is_on
    return found


def switch_version(session: Session, town: str, code: str) -> tuple[int, bool]:
    """Return how often a town switched a row (0: never), and whether it is on there."""
    newest = session.exec(
        select(CalendarSwitch.version, CalendarSwitch.is_on)
        .where(CalendarSwitch.town_code == town, CalendarSwitch.code == code)
        .order_by(col(CalendarSwitch.version).desc())
        .limit(1)
    ).first()
    return newest or (0, code in rules.codes_on({}))


def switch_history(session: Session, town: str) -> list[tuple[CalendarSwitch, str | None]]:
    """Return who switched what in a town and when, newest first."""
    rows = session.exec(
        select(CalendarSwitch, Person.name)
        .outerjoin(Account, col(Account.id) == CalendarSwitch.by_account_id)
        .outerjoin(Person, col(Person.id) == Account.person_id)
        .where(CalendarSwitch.town_code == town)
        .order_by(col(CalendarSwitch.at).desc(), col(CalendarSwitch.version).desc())
        .limit(SHOWN)
    )
    return list(rows.all())
