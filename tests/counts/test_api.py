"""The counts as JSON and by command: one shape, and as much in it as the caller may see."""

import json

import pytest
from click.testing import CliRunner
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.models import Employer
from orchard.cli import main
from orchard.counts import services
from orchard.counts.rules import KINDS
from orchard.hiring.models import Hire
from tests import make
from tests.client import api, client
from tests.counts.town import CANARY, DAY, fill_with_bearers, lift, work

SPAN = "from=2026-09-01&to=2027-02-28"
BLOCK = {
    *("persons", "person_workplaces", "hires", "person_days", "fte", "wages_fen"),
    *("lifted_out", "local"),
}
HIDDEN = {"persons": None, "person_workplaces": None}


@pytest.fixture
def town(database):
    with db.transaction() as session:
        made = fill_with_bearers(session)
    with clock.frozen_at(make.NOW):
        yield made


def ask(town, who: str, query: str = SPAN, place: str = make.ZHUXI):
    path = f"/api/v1/counts/local-hires?place={place}&{query}"
    return client().get(path, headers=api(town.bearers[who]))


def command(*more: str) -> tuple[int, str]:
    span = ["--from", "2026-09-01", "--to", "2027-02-28"]
    done = CliRunner().invoke(main, ["counts", *span, *more])
    return done.exit_code, done.output


def test_command_and_interface_tell_the_same_in_the_shape_of_decision_27(town):
    code, said = command("--place", make.ZHUXI, "--json")
    assert code == 0
    found, told = json.loads(said), ask(town, "secretary").get_json()
    assert list(found) == ["as_of", "place", "from", "to", "total", "by_kind", "by_employer"]
    assert found["as_of"] == "2026-11-23T08:10:00+08:00"
    assert set(found["by_kind"]) == set(KINDS)
    assert {set(block) == BLOCK for block in [found["total"], *found["by_kind"].values()]} == {True}
    assert set(found["by_employer"][0]) == BLOCK | {"id", "name", "kind"}
    assert found["total"] == {
        "persons": 12,
        "person_workplaces": 18,
        "hires": 18,
        "person_days": 18,
        "fte": 0.07,
        "wages_fen": 0,
        "lifted_out": {"persons": 8, "person_workplaces": 14},
        "local": {"village": 12, "town": 12, "district": 12},
    }
    assert found["by_kind"]["household_unverified"]["persons"] == 1  # and not in the total
    hidden = {"wages_fen": None}  # nobody was paid: no sum of money is told from nothing
    assert told["total"] | hidden == found["total"] | hidden
    assert [one["persons"] for one in told["by_employer"]] == [12, 6, 1]


@pytest.mark.parametrize(
    ("more", "persons"),
    [
        (("--kind", "household"), 6),
        (("--kind", "household_unverified"), 1),
        (("--kind", "workshop"), 0),
    ],
)
def test_one_kind_may_be_asked_for(town, more, persons):
    code, said = command("--place", "500154", "--json", *more)
    assert code == 0
    assert json.loads(said)["total"]["persons"] == persons


def test_one_employer_may_be_asked_for(town):
    employer = str(town.firms[1].id)
    found = json.loads(command("--place", "500154", "--json", "--employer", employer)[1])
    assert [one["id"] for one in found["by_employer"]] == [employer]
    assert found["total"]["persons"] == 6


def test_without_json_the_command_prints_a_table(town):
    code, said = command("--place", "500154")
    assert code == 0
    assert "竹溪柑橘种植基地" in said and "12/12/12" in said


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--place", "500154999"), "No place"),
        (("--place", "500154", "--kind", "bank"), "kind of employer"),
        (("--place", "500154", "--to", "2026-01-01"), "first day"),
    ],
)
def test_a_failure_of_the_command_is_one_clear_line(town, more, says):
    code, said = command(*more)
    assert code == 1
    assert says in said and len(said.splitlines()) == 1


def test_a_part_of_the_own_town_hides_what_the_table_hides(town):
    for query in (f"{SPAN}&kind=plantation", "from=2026-09-01&to=2026-11-22"):
        assert ask(town, "secretary", query).get_json()["total"]["lifted_out"] == HIDDEN
    village = ask(town, "secretary", place=make.VILLAGE).get_json()["total"]
    assert (village["persons"], village["lifted_out"]) == (12, HIDDEN)


def test_a_small_cell_is_hidden_with_another_and_the_total_stays(town):
    with db.transaction() as session:
        firm = make.employer(session, name="小基地", verified_at=make.NOW)
        for person in town.people[6:10]:
            work(session, firm, person)
    told = ask(town, "secretary").get_json()
    assert told["total"]["lifted_out"] == {"persons": 8, "person_workplaces": 16}
    cells = {one["name"]: one["lifted_out"]["persons"] for one in told["by_employer"]}
    assert set(cells.values()) == {None}  # 2 of 4 and 8 of 12: ten would tell 6 to 10


def test_outside_the_town_figures_are_told_in_steps_and_no_status_at_all(town):
    for who in ("other", "worker"):
        told = ask(town, who).get_json()
        assert (told["total"]["persons"], told["total"]["hires"]) == (10, 15)
        assert told["total"]["lifted_out"] == HIDDEN
        assert told["total"]["wages_fen"] is None
        assert told["by_employer"] == []
        assert told["by_kind"]["household"]["persons"] == 5
        assert told["by_kind"]["household_unverified"]["persons"] is None
    with db.transaction() as session:
        work(session, town.firms[0], make.worker(session, name="新来的"))
    assert ask(town, "other").get_json()["total"]["persons"] == 10  # one more shows nowhere


@pytest.mark.parametrize("query", ["from=2026-11-20&to=2026-11-20", f"{SPAN}&employer="])
def test_outside_the_town_no_single_days_and_no_employer(town, query):
    if query.endswith("="):
        query += str(town.firms[0].id)
    answer = ask(town, "other", query)
    assert answer.status_code == 422
    assert answer.get_json()["code"] == "counts.not_published"


def test_the_district_has_exact_totals_and_no_status_that_a_town_could_be_told_by(town):
    told = ask(town, "district", place="500154").get_json()
    assert told["total"]["persons"] == 13
    assert told["total"]["lifted_out"] == HIDDEN  # less one of Dade it would tell Zhuxi's
    one_town = ask(town, "district").get_json()
    assert one_town["total"]["persons"] == 12
    assert one_town["total"]["lifted_out"] == HIDDEN  # Dade has nobody: one less would be told


def test_nothing_of_another_town_is_in_an_answer(town):
    for place in (make.ZHUXI, make.VILLAGE, make.DADE, "500154"):
        for who in ("secretary", "worker"):
            assert CANARY not in ask(town, who, place=place).text


def test_without_a_place_the_own_town_and_this_season_are_told(town):
    answer = client().get("/api/v1/counts/local-hires", headers=api(town.bearers["secretary"]))
    told = answer.get_json()
    assert (told["place"], told["from"], told["to"]) == (make.ZHUXI, "2026-09-01", "2027-02-28")


def test_wages_of_few_are_hidden(town):
    told = ask(town, "secretary").get_json()
    cells = {one["name"]: one["wages_fen"] for one in told["by_employer"]}
    assert cells["李正家果园"] is None


@pytest.mark.parametrize("query", ["from=x&to=2026-11-20", "from=2026-11-21&to=2026-11-20"])
def test_a_wrong_question_is_told_what_is_wrong(town, query):
    assert ask(town, "secretary", query).status_code == 422
    assert ask(town, "secretary", place="500154999").status_code == 422
    assert client().get(f"/api/v1/counts/local-hires?{SPAN}").status_code == 401


@pytest.mark.parametrize("query", ["from={0}&to={0}", "from={0}", "to={0}"])
def test_a_day_of_no_year_in_question_is_refused_with_a_sentence(town, query):
    for day in ("0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"):
        answer = ask(town, "secretary", query.format(day))
        assert answer.status_code == 422, day
        assert "2000" in str(answer.get_json()["errors"])


MONTH = "from=2026-11-01&to=2026-11-30"


def pay(town, amounts) -> None:
    """Pay the people of the plantation for their day."""
    with db.transaction() as session:
        for person, fen in zip(town.people, amounts, strict=True):
            hire = session.exec(
                select(Hire).where(
                    Hire.person_id == person.id, Hire.employer_id == town.firms[0].id
                )
            ).one()
            make.day_pay(session, hire, DAY, fen)
            services.hires_changed(session, [hire.id], [DAY])


def test_two_spans_a_day_apart_do_not_tell_the_pay_of_a_day(town):
    pay(town, [10_000] * 12)
    assert ask(town, "secretary").get_json()["total"]["wages_fen"] == 120_000
    for last in ("2026-11-19", "2026-11-20"):
        told = ask(town, "secretary", f"from=2026-09-01&to={last}").get_json()
        rows = [told["total"], *told["by_kind"].values(), *told["by_employer"]]
        assert {row["wages_fen"] for row in rows} == {None}


def test_a_month_tells_wages_and_status_of_the_whole_only(town):
    pay(town, [10_000] * 12)
    told = ask(town, "secretary", MONTH).get_json()
    assert told["total"]["wages_fen"] == 120_000
    assert told["total"]["lifted_out"]["persons"] == 8
    for row in [*told["by_kind"].values(), *told["by_employer"]]:
        assert (row["wages_fen"], row["lifted_out"]) == (None, HIDDEN)
    season = ask(town, "secretary").get_json()
    assert season["by_employer"][0]["lifted_out"]["persons"] == 8


def test_a_month_in_which_one_earns_most_tells_no_wages(town):
    pay(town, [500_000] + [10_000] * 11)
    assert ask(town, "secretary", MONTH).get_json()["total"]["wages_fen"] is None


def test_the_district_reads_of_a_town_its_whole_and_of_itself_the_kinds(town):
    pay(town, [10_000] * 12)
    with db.transaction() as session:
        firm = session.get_one(Employer, town.other_firm)
        for _ in range(9):
            person = make.worker(session)
            work(session, firm, person)
            lift(session, person)
    one_town = ask(town, "district").get_json()
    assert one_town["total"]["lifted_out"]["persons"] == 8
    assert one_town["total"]["wages_fen"] == 120_000
    for row in [*one_town["by_kind"].values(), *one_town["by_employer"]]:
        assert (row["wages_fen"], row["lifted_out"]) == (None, HIDDEN)
    whole = ask(town, "district", place="500154").get_json()
    assert whole["total"]["lifted_out"]["persons"] == 17
    assert whole["by_kind"]["plantation"]["lifted_out"]["persons"] == 17
    assert whole["by_kind"]["household_unverified"]["lifted_out"] == HIDDEN
    assert {str(row["lifted_out"]) for row in whole["by_employer"]} == {str(HIDDEN)}
    assert {row["wages_fen"] for row in whole["by_employer"]} == {None}
    month = ask(town, "district", MONTH, place="500154").get_json()
    assert month["total"]["lifted_out"]["persons"] == 17
    assert month["by_kind"]["plantation"]["lifted_out"] == HIDDEN
    assert ask(town, "district", MONTH).get_json()["total"]["wages_fen"] is None
