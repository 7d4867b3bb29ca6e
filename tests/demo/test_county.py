"""The demonstration county: what its pages, counts and figures lean on."""

from datetime import UTC, datetime
from random import Random

import pytest
from pydantic import TypeAdapter
from sqlmodel import col, func, select

from orchard import clock, db, ledger, settings
from orchard.accounts.models import Account, Grant, Person, SignInSession
from orchard.accounts.rules import PIN_ROLES, Role
from orchard.demo import history, holdings, living, season, services
from orchard.demo.cast import DADE, GAOQIAO, ZHUXI, cast
from orchard.demo.sample import put_sample
from orchard.fields import Phone
from orchard.places.models import Place
from orchard.places.queries import within
from orchard.plots.models import Plot
from orchard.plots.queries import own_plots
from orchard.plots.rules import check_facts
from orchard.synth import names
from orchard.tasks.models import CalendarSwitch, State, Task
from orchard.tasks.queries import open_tasks_for, tasks_of_a_morning
from orchard.weather.models import Forecast
from orchard.weather.queries import digests_for
from tests import make
from tests.demo.conftest import run


@pytest.fixture
def county(database):
    with db.transaction() as session:
        services.claim_for_demo(session)
        services.add_cast(session, now=make.NOW)
        services.add_land(session, now=make.NOW)
    with db.transaction() as session:
        yield session


def test_zhuxi_has_10000_mu_in_412_plots_of_the_told_sizes(county):
    areas = county.exec(select(Plot.area_mu_x100).where(within(Plot.village_code, [ZHUXI]))).all()
    assert (len(areas), sum(areas)) == (412, 1_000_000)
    assert [area for area in areas if area >= 30_000] == [30_000]
    assert len([area for area in areas if 5_000 <= area < 30_000]) == 26
    assert len([area for area in areas if area < 5_000]) == 385


def test_the_county_has_40_towns_535_villages_and_strangers_in_two_towns(county):
    levels = county.exec(select(Place.level, func.count()).group_by(Place.level)).all()
    assert {level.value: count for level, count in levels} == {
        "county": 1,
        "town": 40,
        "village": 535,
    }
    for town, count in holdings.STRANGERS.items():
        here = select(func.count()).select_from(Plot).where(within(Plot.village_code, [town]))
        assert county.exec(here).one() == count
    assert set(holdings.STRANGERS) == {DADE, GAOQIAO}


def test_six_holders_have_no_phone_and_no_account(county):
    silent = county.exec(select(Person.id).where(col(Person.phone).is_(None))).all()
    assert len(silent) == 6
    held = county.exec(select(Plot.grower_id).where(Plot.grower_id.in_(silent))).all()
    assert sorted(held) == sorted(silent)
    assert county.exec(select(Account).where(Account.person_id.in_(silent))).all() == []


def test_every_role_can_sign_in_and_zhuxi_has_four_technicians(county):
    assert {member.role for member in cast().shown} == set(Role)
    for member in cast().shown:
        phone = names.phone(member.phone)
        account = county.exec(select(Account).where(Account.phone == phone)).one()
        assert account.secret_hash.startswith("$argon2id$")
        assert cast().pin not in account.secret_hash
    technicians = select(func.count()).where(
        Grant.role == Role.TECHNICIAN, Grant.place_code == ZHUXI
    )
    assert county.exec(technicians).one() == 4


def test_the_grower_that_is_printed_has_land_and_the_manager_the_plantation(county):
    grower = services._own(county)
    mine = county.exec(select(Plot).where(Plot.grower_id == grower.person_id)).all()
    assert len(mine) == holdings.OWN
    manager = county.exec(select(Grant).where(Grant.role == Role.MANAGER)).one()
    owned = county.exec(select(Plot).where(Plot.employer_id == manager.employer_id)).one()
    assert owned.area_mu_x100 == 30_000


def test_invented_phones_are_ones_that_a_person_could_type(county):
    phones = [phone for phone in county.exec(select(Person.phone)).all() if phone]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("+86139000") for phone in phones)
    assert TypeAdapter(Phone).validate_python(phones[0]) == phones[0]


def test_orchards_lie_between_the_river_and_900_m_and_near_their_town(county):
    for plot in county.exec(select(Plot).where(within(Plot.village_code, [ZHUXI]))):
        assert 183 <= plot.cell_elevation_m <= 900
        assert abs(plot.cell_lat - 31.12443) < 0.12
        assert abs(plot.cell_lon - 108.29065) < 0.12
        check_facts(
            variety=plot.variety,
            planted_year=plot.planted_year,
            lat=plot.lat,
            lon=plot.lon,
            county="500154",
            today=make.NOW.date(),
        )


def test_the_same_seed_gives_the_same_county():
    assert holdings.areas(Random(services.SEED)) == holdings.areas(Random(services.SEED))
    first, second = (names.people(Random("x")) for _ in range(2))
    assert [next(first) for _ in range(50)] == [next(second) for _ in range(50)]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert names.seeded_id(Random("x"), at) == names.seeded_id(Random("x"), at)
    assert names.seeded_id(Random("x"), at).version == 7


def test_the_county_is_built_within_20_s(built):
    _folder, done, spent_s = built
    assert "built in" in done.output
    assert spent_s < 20


def test_a_built_county_stays_until_told_otherwise(folder):
    before = (folder / "orchard.db").stat().st_ino
    assert run(folder).output == ""
    assert (folder / "orchard.db").stat().st_ino == before


@pytest.fixture
def quick(monkeypatch):
    """Leave out the slow parts of building, for what is not about them."""
    monkeypatch.setattr(living, "settle_the_past", lambda *_, **__: 0)
    monkeypatch.setattr(history, "add_history", lambda *_, **__: None)
    monkeypatch.setattr(season, "add_season", lambda *_, **__: None)


def test_fresh_throws_the_old_county_away(folder, quick):
    run(folder)
    with db.reading() as session:
        first = session.exec(select(Person.created_at)).first()
    assert "built in" in run(folder, "--fresh").output
    with db.reading() as session:
        assert session.exec(select(Person.created_at)).first() > first


def test_the_setting_of_a_real_database_is_not_followed(tmp_path, monkeypatch, quick):
    monkeypatch.setenv("ORCHARD_DATABASE_URL", "sqlite:////nowhere/real.db")
    settings.use(None)
    assert run(tmp_path / "county").exit_code == 0
    assert (tmp_path / "county" / "orchard.db").exists()
    db.dispose()
    settings.use(None)


@pytest.mark.campaign
def test_a_building_that_was_cut_short_begins_anew(tmp_path, monkeypatch, quick):
    def cut(*_args, **_kwargs):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(services, "add_land", cut)
        assert run(tmp_path).exit_code != 0
    assert "built in" in run(tmp_path).output
    with db.reading() as session:
        assert services.is_built(session)
        assert session.exec(select(func.count()).select_from(Plot)).one() == 422
    db.dispose()
    settings.use(None)


def test_a_real_database_is_never_thrown_away(folder):
    run(folder)
    with db.transaction() as session:
        ledger.note(session, "purpose", ledger.Purpose.REAL)
    done = run(folder, "--fresh")
    assert done.exit_code == 1
    assert "not a demonstration" in done.output
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(Plot)).one() == 422


def test_the_living_part_is_of_today(folder):
    run(folder)
    today = clock.today()
    with db.reading() as session:
        shown = living.caller_for(session, Role.GROWER)
        mine = session.exec(own_plots(shown)).all()
        lines = open_tasks_for(session, [plot.id for plot in mine], today, clock.now())
        _, taps = tasks_of_a_morning(session, shown, clock.today(), clock.now())
        states = dict(session.exec(select(Task.state, func.count()).group_by(Task.state)).all())
        switched = session.exec(select(CalendarSwitch)).all()
        digests = digests_for(session, {plot.cell for plot in mine})
    assert states[State.DONE] > 100 and states[State.OPEN] > 400
    assert len(lines) + len(taps) > 0
    technician = {turn.by_account_id for turn in switched}
    assert len(technician) == 1 and all(turn.town_code == ZHUXI for turn in switched)
    assert {plot.cell for plot in mine} == set(digests)
    assert all(digest.is_sample for digest in digests.values())
    assert digests[mine[0].cell].coming(today, 3)[0].on == today


def test_a_real_forecast_is_never_replaced_by_the_sample(folder):
    run(folder)
    with db.transaction() as session:
        row = session.exec(select(Forecast)).first()
        real = row.digest.replace('"sample":true', '"sample":false')
        row.digest = real
        session.add(row)
    with db.transaction() as session:
        put_sample(session, today=clock.today(), now=clock.now())
    with db.reading() as session:
        assert session.get(Forecast, row.cell).digest == real


def test_every_role_gets_a_sign_in_and_a_pin_a_card(county):
    lines = services.sign_ins(county, now=make.NOW)
    assert [line.role for line in lines] == [member.role for member in cast().shown]
    assert {line.role for line in lines if line.card} == PIN_ROLES


def test_nobody_is_signed_in_by_building(county):
    assert county.exec(select(SignInSession)).all() == []
    assert {Role.GROWER, Role.WORKER} == PIN_ROLES
