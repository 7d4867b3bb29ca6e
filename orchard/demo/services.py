"""Building the demonstration county: single records by the rooms' services, the mass at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlmodel import Session, select

from orchard import ledger
from orchard.accounts import doors
from orchard.accounts import services as accounts
from orchard.accounts.models import Account, Employer, Person
from orchard.accounts.rules import PIN_ROLES, Role, SecretKind
from orchard.demo import holdings
from orchard.demo.cast import ZHUXI, Firm, Member, cast
from orchard.places.models import Place
from orchard.places.queries import children, place
from orchard.synth import land, names
from orchard.synth.rows import Holder, Rows

SEED = "zhuxi-2026"
BUILT = "demo_built"
OPENED_BEFORE = timedelta(days=90)  # accounts and plots are this old when the county is built


def claim_for_demo(session: Session) -> None:
    """Note that this database is a demonstration, before anything else is written."""
    ledger.note(session, "purpose", ledger.Purpose.DEMO)


def add_cast(session: Session, *, now: datetime) -> None:
    """Open an account for everybody who has a name: one per role, and the other offices."""
    members = cast()
    firms = [_open_firm(session, firm, now) for firm in members.firms]
    for member in members.shown:
        account = _open_account(session, member, firms[0], now)
        is_pin = member.role in PIN_ROLES
        kind = SecretKind.PIN if is_pin else SecretKind.PASSWORD
        hashed = doors.hash_secret(members.pin if is_pin else members.password)
        doors.set_secret(session, account, hashed, kind, now=now, but=None)
    for member in members.others:
        _open_account(session, member, firms[0], now)


def _open_firm(session: Session, firm: Firm, now: datetime) -> Employer:
    made = Employer(
        name=firm.name,
        kind=firm.kind,
        village_code=firm.village,
        verified_at=now,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _open_account(session: Session, member: Member, firm: Employer, now: datetime) -> Account:
    phone = names.phone(member.phone)
    person = Person(name=member.name, phone=phone, village_code=member.village, created_at=now)
    session.add(person)
    session.flush()
    account = accounts.open_account(session, person, phone, now=now)
    scope: dict[str, Any] = {"place_code": member.place}
    if member.role == Role.MANAGER:
        scope = {"employer_id": firm.id}
    accounts.grant(session, account, member.role, now=now, **scope)
    return account


def add_land(session: Session, *, now: datetime) -> None:
    """Settle the growers of three towns and give them, and the firms, their plots."""
    rows = Rows(Random(SEED), now)
    zhuxi = _Town(session, rows, ZHUXI)
    sizes, firms = holdings.areas(rows.rng), _firms(session)
    zhuxi.plot(firms[0], sizes.plantation)
    for index, area in enumerate(sizes.large):
        by_firm = index < holdings.LARGE_OF_FIRMS
        zhuxi.plot(firms[1 + index % (len(firms) - 1)] if by_firm else zhuxi.family(), area)
    for holder, area in zip(_holders(zhuxi, _own(session)), sizes.small, strict=True):
        zhuxi.plot(holder, area)
    for code, count in holdings.STRANGERS.items():
        town = _Town(session, rows, code)
        for area in land.small_areas(rows.rng, count, holdings.STRANGERS_MEAN_X100):
            town.plot(town.family(), area)
    rows.insert(session)


class _Town:
    """A town whose villages get families and plots."""

    def __init__(self, session: Session, rows: Rows, code: str) -> None:
        self.rows, self.point = rows, place(session, code)
        codes = [village for village, _name in children(session, code)]
        self.villages = {spot.code: spot for spot in _laid_out(rows.rng, codes, self.point)}
        self._names = names.people(rows.rng)

    def family(self, *, has_phone: bool = True) -> Holder:
        """Settle a family in one of the villages."""
        spots = list(self.villages.values())
        chosen = self.rows.rng.choices(spots, [spot.weight for spot in spots])[0]
        return self.rows.grower(chosen.code, next(self._names), has_phone=has_phone)

    def plot(self, holder: Holder, area_x100: int) -> None:
        """Give a holder a plot in his village."""
        spot = self.villages[holder.village_code]
        parcel = land.parcel(self.rows.rng, spot, year=self.rows.now.year)
        self.rows.plot(holder, parcel, area_x100, self.point)


def _laid_out(rng: Random, codes: list[str], town: Place) -> list[land.Village]:
    return land.villages(rng, codes, town.lat or 0.0, town.lon or 0.0, town.elevation_m or 0)


def _holders(town: _Town, own: Holder) -> Iterator[Holder]:
    """Yield who works each of the small plots."""
    yield from [own] * holdings.OWN
    rest = holdings.SMALL - holdings.OWN
    for _ in range(holdings.WITHOUT_PHONE):
        yield town.family(has_phone=False)
    for count in holdings.families(town.rows.rng, rest - holdings.WITHOUT_PHONE):
        yield from [town.family()] * count


def _own(session: Session) -> Holder:
    """Return the grower whose sign-in is printed."""
    member = next(each for each in cast().shown if each.role == Role.GROWER)
    person = session.exec(select(Person).where(Person.phone == names.phone(member.phone))).one()
    return Holder(str(person.village_code), person_id=person.id)


def _firms(session: Session) -> list[Holder]:
    """Return the employers in the order in which they are named."""
    found = {firm.name: firm for firm in session.exec(select(Employer))}
    named = [found[firm.name] for firm in cast().firms]
    return [Holder(firm.village_code, employer_id=firm.id) for firm in named]


@dataclass(frozen=True)
class SignIn:
    """What one needs to sign in as somebody of the cast."""

    role: str
    name: str
    phone: str
    secret: str
    card: str | None


def sign_ins(session: Session, *, now: datetime) -> list[SignIn]:
    """Return one sign-in per role, with a new one-time card where a PIN needs a known browser."""
    found = []
    for member in cast().shown:
        phone = names.phone(member.phone)
        account = session.exec(select(Account).where(Account.phone == phone)).one()
        is_pin = member.role in PIN_ROLES
        card = accounts.make_card(session, account, now=now) if is_pin else None
        secret = cast().pin if is_pin else cast().password
        found.append(SignIn(member.role, member.name, phone.removeprefix("+86"), secret, card))
    return found


def may_replace(session: Session) -> bool:
    """Say whether nothing real is lost with this database: a demonstration, or nobody in it."""
    if ledger.fact(session, "purpose") == ledger.Purpose.DEMO:
        return True
    return session.exec(select(Account.id).limit(1)).first() is None


def is_built(session: Session) -> bool:
    """Say whether the demonstration county was built to its end."""
    return ledger.fact(session, BUILT) != ""


def note_built(session: Session, *, now: datetime) -> None:
    """Note that the county is complete: the last thing that building writes."""
    ledger.note(session, BUILT, now.isoformat())
