"""The office sees its own places, counts nobody twice, and never people of another town."""

from datetime import timedelta

import pytest

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.overview.queries import overview
from orchard.overview.rules import hidden
from orchard.places.services import load_places
from tests import make
from tests.client import client
from tests.page import check_page


@pytest.fixture
def cast(database):
    """Make a secretary, two growers with three plots here and a stranger with one in Dade."""
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
        _, district = make.signed_in(session, Role.DISTRICT, place="500154")
        known = make.caller(session)
        alone = make.person(session, name="陈素芬")
        make.plot(session, known)
        make.plot(session, known, village_code="500154118200", name="河边地")
        make.plot(session, alone, name="后山", area_mu_x100=150)
        make.plot(session, make.person(session), village_code=make.OTHER_VILLAGE, name="金丝雀")
    with clock.frozen_at(make.NOW):
        yield {"secretary": token, "district": district}


def found(place, role):
    with db.reading() as session:
        return overview(session, make.visitor(role, place), today=clock.today(), now=make.NOW)


def test_a_secretary_sees_her_villages_and_counts_a_person_once(cast):
    result = found(make.ZHUXI, Role.SECRETARY)
    assert [(line.code, line.plots, line.growers) for line in result.lines] == [
        ("500154118200", 1, 1),
        ("500154118201", 2, 2),
    ]
    assert (result.total("plots"), result.growers, result.without_account) == (3, 2, 1)
    assert result.total("area_mu_x100") == 1350


def test_the_page_shows_nothing_of_another_town(cast):
    text = client(cast["secretary"]).get("/overview").text
    check_page(text)
    assert "竹溪村" in text
    assert "大德" not in text and "金丝雀" not in text


def test_the_district_sees_towns_and_no_town_with_few_growers(cast):
    text = client(cast["district"]).get("/overview").text
    check_page(text)
    assert "竹溪镇" in text and "大德镇" in text
    assert text.count('<td class="number">–</td>') == 8  # both: one alone is a subtraction


def test_a_grower_may_not_open_it(cast):
    with db.transaction() as session:
        _, token = make.signed_in(session)
    assert client(token).get("/overview").status_code == 403


def test_places_are_loaded_once(session):
    assert load_places(session, "500154") == 576


def test_an_old_forecast_is_told(cast):
    result = found(make.ZHUXI, Role.SECRETARY)
    assert result.forecasts.without == 1
    assert not result.is_grey(make.NOW + timedelta(days=9))


@pytest.mark.parametrize(
    ("persons", "gone"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 4, "b": 9, "c": 7}, {"a", "c"}),
        ({"a": 4, "b": 1, "c": 7}, {"a", "b"}),
        ({"a": 0, "b": 9}, set()),
        ({"a": 3}, {"a"}),
    ],
)
def test_one_hidden_town_hides_the_next_smallest_too(persons, gone):
    assert hidden(persons) == gone
