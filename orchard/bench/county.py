"""The counties that are measured: the demonstration's 412 plots, and one of any size."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from orchard import clock, db, schema, settings
from orchard.accounts import doors, services
from orchard.accounts.models import Account, Person
from orchard.accounts.rules import Role, SecretKind
from orchard.bench.client import BadAnswer, Browser
from orchard.demo.sample import put_sample
from orchard.places.services import load_places
from orchard.plots.models import Plot
from orchard.synth import names
from orchard.synth.services import Size, fill
from orchard.tasks import planning

PEOPLE_PER_PLOT = 0.8  # bench/README.md of the limit: 27,600 growers on 34,500 plots
TYPED = {"password": "sweet orange bench", "pin": "274190"}  # of a county that is thrown away
STAFF_PHONE = 99_000
PLOTS_OF_THE_GROWER = 4


@dataclass(frozen=True)
class Doors:
    """How the bench gets in: a technician's phone, and a card of a grower with four plots."""

    folder: Path
    plots: int
    technician: str
    password: str
    card: str


def use(folder: Path) -> None:
    """Put the database of a folder in force in this process."""
    db.dispose()
    settings.use(settings.get().model_copy(update={"data_dir": folder, "database_url": ""}))


def build(folder: Path, plots: int) -> Doors:
    """Build a synthetic county with its tasks, forecasts and two people who can sign in."""
    use(folder)
    schema.upgrade()
    now, today, code = clock.now(), clock.today(), db.county()
    with db.transaction() as session:
        load_places(session, code)
    size = Size(plots, int(plots * PEOPLE_PER_PLOT), max(plots // 170, 1))
    with db.transaction() as session:
        fill(session, code, size, seed=1, now=now)
    with db.transaction() as session:
        planning.plan(session, today)
    with db.transaction() as session:
        put_sample(session, today=today, now=now)
    with db.transaction() as session:
        town = _largest_town(session)
        phone = _technician(session, town, now)
        card = services.make_card(session, _grower(session, town), now=now)
    return Doors(folder, plots, phone, TYPED["password"], card)


def _largest_town(session: Session) -> str:
    town = func.substr(Plot.village_code, 1, 9)
    counted = select(town).group_by(town).order_by(func.count().desc()).limit(1)
    return str(session.scalars(counted).one())


def _technician(session: Session, town: str, now: datetime) -> str:
    phone = names.phone(STAFF_PHONE)
    person = Person(name="测量员", phone=phone, village_code=None, created_at=now)
    session.add(person)
    session.flush()
    account = services.open_account(session, person, phone, now=now)
    services.grant(session, account, Role.TECHNICIAN, place_code=town, now=now)
    hashed = doors.hash_secret(TYPED["password"])
    doors.set_secret(session, account, hashed, SecretKind.PASSWORD, now=now, but=None)
    return phone


def _grower(session: Session, town: str) -> Account:
    """Return a grower of a town who works four plots, as the one of the demonstration does."""
    holder: UUID | None = session.scalars(
        select(Plot.grower_id)
        .where(col(Plot.grower_id).is_not(None))
        .group_by(col(Plot.grower_id))
        .having(func.count() == PLOTS_OF_THE_GROWER)
        .order_by(func.min(Plot.village_code) < town, func.min(Plot.village_code))
        .limit(1)
    ).one()
    return session.exec(select(Account).where(Account.person_id == holder)).one()


def technician(port: int, county: Doors) -> str:
    """Sign the technician in as a person does and return the cookie."""
    browser = Browser(port)
    status = browser.submit("/sign-in", {"phone": county.technician, "secret": county.password})
    return _signed_in(browser, status)


def grower(port: int, county: Doors) -> str:
    """Use the grower's card up, set a PIN and return the cookie."""
    browser = Browser(port)
    browser.submit(f"/in/{county.card}", {})
    return _signed_in(browser, browser.submit("/in", {"secret": TYPED["pin"]}))


def _signed_in(browser: Browser, status: int) -> str:
    if status != 303 or browser.get("/account")[0] != 200:
        raise BadAnswer(f"signing in answered {status}")
    return browser.cookie
