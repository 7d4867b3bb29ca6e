"""Makers: the shortest way to the rows a test needs."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from orchard.accounts import services as accounts
from orchard.accounts.models import Account, Employer, Person
from orchard.accounts.queries import caller_of_account
from orchard.accounts.rules import Caller, EmployerKind, Held, Role, Sex
from orchard.hiring.models import Crew, Hire, HireEvent, Opening, Roster, StatusPeriod
from orchard.hiring.rules import HireEventKind, PayBasis, Relation, StatusKind
from orchard.ids import new_id
from orchard.places.rules import cell_of
from orchard.plots.models import Plot
from orchard.wages.models import PayLine
from orchard.wages.rules import LineKind

NOW = datetime(2026, 11, 23, 0, 10, tzinfo=UTC)  # 08:10 in the county
ZHUXI, DADE = "500154118", "500154100"
VILLAGE = "500154118201"
OTHER_VILLAGE = "500154100201"


def phone(number: int) -> str:
    """Return an invented number in stored form."""
    return f"+861390000{number:04d}"


_phones = iter(range(1, 10_000))


def person(session: Session, **values: Any) -> Person:
    """Make somebody."""
    made = Person(**{"name": "刘洪", "village_code": VILLAGE, "created_at": NOW, **values})
    session.add(made)
    session.flush()
    return made


def employer(session: Session, **values: Any) -> Employer:
    """Make an employer."""
    made = Employer(
        **{
            "name": "竹溪基地",
            "kind": EmployerKind.PLANTATION,
            "village_code": VILLAGE,
            "created_at": NOW,
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def account(
    session: Session,
    role: Role = Role.GROWER,
    *,
    of: Person | None = None,
    place: str | None = ZHUXI,
    employer_id: UUID | None = None,
    number: str | None = None,
) -> Account:
    """Make an account with one role, for a new person unless one is given."""
    owner = of or person(session)
    made = accounts.open_account(session, owner, number or phone(next(_phones)), now=NOW)
    scope = {"employer_id": employer_id} if employer_id else {"place_code": place}
    accounts.grant(session, made, role, now=NOW, **scope)  # type: ignore[arg-type]
    return made


def visitor(role: Role, place: str) -> Caller:
    """Return who somebody with a role at a place would be, without any row."""
    return Caller(new_id(), new_id(), None, "过客", (Held(role, place, None),))


def caller(session: Session, role: Role = Role.GROWER, **values: Any) -> Caller:
    """Make an account and return who it is when it asks."""
    made = caller_of_account(session, account(session, role, **values).id)
    assert made is not None
    return made


def signed_in(session: Session, role: Role = Role.GROWER, **values: Any) -> tuple[Caller, str]:
    """Make an account with a running session; return the caller and the cookie's secret."""
    made = account(session, role, **values)
    token = accounts.begin_session(session, made, now=NOW)
    who = caller_of_account(session, made.id)
    assert who is not None
    return who, token


def plot(session: Session, holder: Person | Caller | Employer, **values: Any) -> Plot:
    """Make a plot of a grower or employer."""
    grower: UUID | None = None
    owner: UUID | None = None
    if isinstance(holder, Employer):
        owner = holder.id
    else:
        grower = holder.person_id if isinstance(holder, Caller) else holder.id
    lat, lon, elevation = values.get("lat"), values.get("lon"), values.get("elevation_m")
    point = (lat or 31.1, lon or 108.28, elevation or 183)
    made = Plot(
        **{
            "id": new_id(),
            "grower_id": grower,
            "employer_id": owner,
            "village_code": VILLAGE,
            "name": "屋后坡",
            "area_mu_x100": 600,
            "variety": "chunjin",
            "cell": cell_of(*point),
            "cell_lat": point[0],
            "cell_lon": point[1],
            "cell_elevation_m": point[2],
            "created_at": NOW,
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def worker(session: Session, **values: Any) -> Person:
    """Make somebody who may be hired."""
    return person(
        session,
        **{"name": "张秀英", "sex": Sex.FEMALE, "born_on": date(1980, 5, 1), **values},
    )


def crew(session: Session, of: Employer, **values: Any) -> Crew:
    """Make a crew of an employer."""
    made = Crew(**{"employer_id": of.id, "name": "采果组", "made_at": NOW, **values})
    session.add(made)
    session.flush()
    return made


def opening(session: Session, of: Employer, **values: Any) -> Opening:
    """Make an opening of an employer."""
    made = Opening(
        **{
            "employer_id": of.id,
            "work": "picking",
            "workplace_code": of.village_code,
            "people": 8,
            "first_day": date(2026, 12, 3),
            "days": 5,
            "last_day": date(2026, 12, 7),
            "basis": PayBasis.DAY,
            "rate_fen_x100": 1_300_000,
            "made_at": NOW,
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def hire(session: Session, by: Employer, of: Person | None = None, **values: Any) -> Hire:
    """Make a hire with its first event, for a new person unless one is given."""
    who = of or worker(session)
    made = Hire(
        **{
            "person_id": who.id,
            "employer_id": by.id,
            "work": "picking",
            "workplace_code": by.village_code,
            "registered_code": who.village_code,
            "relation": Relation.SERVICE,
            "basis": PayBasis.DAY,
            "started_on": date(2026, 11, 1),
            "made_at": NOW,
            **values,
        }
    )
    session.add(made)
    if session.get(Roster, (by.id, who.id)) is None:
        session.add(Roster(employer_id=by.id, person_id=who.id, at=NOW))
    session.flush()
    session.add(HireEvent(hire_id=made.id, version=1, kind=HireEventKind.MADE, at=NOW))
    session.flush()
    return made


def day_pay(session: Session, of: Hire, day: date, fen: int) -> PayLine:
    """Owe somebody money for one day of a hire."""
    line = PayLine(
        hire_id=of.id,
        worked_on=day,
        kind=LineKind.EARNED,
        basis=PayBasis.DAY,
        quantity_x100=100,
        rate_fen_x100=fen * 100,
        amount_fen=fen,
        made_at=NOW,
    )
    session.add(line)
    session.flush()
    return line


def status(session: Session, of: Person, **values: Any) -> StatusPeriod:
    """Make a period in which somebody is lifted out."""
    made = StatusPeriod(
        **{
            "person_id": of.id,
            "kind": StatusKind.LIFTED_OUT,
            "from_on": date(2022, 1, 1),
            "at": NOW,
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made
