"""The pages of counts: a secretary sees her town's figures and no other town's."""

import re

from sqlmodel import select

from orchard import db
from orchard.counts.models import PeriodCount
from orchard.counts.rules import definitions
from tests import make
from tests.client import client
from tests.counts.town import CANARY, SEASON, page_of, tiles, work
from tests.engines import slow_on
from tests.page import check_page

pytestmark = slow_on("postgres")  # what the pages call is tested on both


def test_the_first_page_of_a_secretary_is_the_count_of_this_season(town):
    browser = client(town.tokens["secretary"])
    home = browser.get("/")
    assert (home.status_code, home.location) == (303, "/counts")
    text = browser.get("/counts").text
    check_page(text)
    assert "本季用工" in text and "竹溪镇" in text
    assert tiles(text) == ["12", "18", "18", "18", "0.07", "12", "12", "12", "8"]
    assert "各行相加 18 人，不重复 12 人，重复 6 人次。" in text
    assert "另有没核实的农户用工 1 人、1 工日，不算在内：" in text
    ended = browser.get("/counts?period=2026-10").text
    assert "2026年10月务工 0 人，2026年9月 0 人：" in ended and "一样多" in ended


def test_a_status_figure_of_a_row_is_hidden_with_another_when_it_is_small(town):
    with db.transaction() as session:
        firm = make.employer(session, name="小基地", verified_at=make.NOW)
        for person in town.people[6:9]:
            work(session, firm, person)
    text = client(town.tokens["secretary"]).get("/counts").text
    row = next(part for part in text.split("<tr>") if "小基地" in part)
    assert "–" in row  # two of its three
    assert text.count('<td class="number">–</td>') >= 3  # and the unverified household
    shown = [part for part in text.split("<tr>") if "竹溪柑橘种植基地" in part]
    assert "–" in shown[0]  # 10 pairs of the kind less 2 would be told by subtraction


def test_nothing_of_another_town_is_on_any_page(town):
    browser = client(town.tokens["secretary"])
    for path in (
        "/counts",
        "/counts?period=2026-11",
        "/review",
        "/counts/export",
        "/counts/people",
    ):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert CANARY not in answer.text and "大德" not in answer.text
    for path in (
        f"/counts?place={make.DADE}",
        f"/counts/export?place={make.DADE}",
        f"/counts/people?place={make.DADE}",
        f"/counts/people?employer={town.other_firm}",
        f"/review?place={make.DADE}",
    ):
        assert browser.get(path).status_code == 404, path


def test_any_span_is_counted_anew_and_a_wrong_one_is_told(town):
    browser = client(town.tokens["secretary"])
    text = browser.get("/counts?from=2026-11-20&to=2026-11-21").text
    check_page(text)
    assert tiles(text)[:4] == ["12", "18", "18", "18"]
    assert "脱贫人口" not in text  # a day more or less would tell one person
    assert tiles(browser.get("/counts?from=2026-11-21&to=2026-11-22").text)[0] == "0"
    for wrong in ("from=2026-11-21&to=2026-11-20", "from=x&to=2026-11-20", "period=2026-XX"):
        assert browser.get(f"/counts?{wrong}").status_code == 422


def test_every_figure_has_a_definition(town):
    text = client(town.tokens["secretary"]).get("/counts/definitions").text
    page = check_page(text)
    ids = {tag.get("id") for tag in page.of("div")}
    assert {one.code for one in definitions().rows} <= ids
    linked = set(re.findall(r'/counts/definitions#([a-z_]+)"', page_of(town)))
    assert linked == {one.code for one in definitions().rows} - {"hidden"}


def test_the_table_as_a_file_holds_what_the_page_shows_and_no_formula(town):
    with db.transaction() as session:
        firm = make.employer(session, name="=1+2", verified_at=make.NOW)
        for person in town.people:
            work(session, firm, person)
    answer = client(town.tokens["secretary"]).get("/counts/export?period=2026-11")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = answer.text.lstrip("\ufeff").splitlines()
    assert lines[3].split(",")[:8] == ["全镇，不重复", "", "12", "30", "30", "30", "0.12", "12"]
    assert any(line.startswith("'=1+2,") for line in lines)
    assert CANARY not in answer.text


def test_the_district_sees_all_towns_and_the_year_before(town):
    browser = client(town.tokens["district"])
    text = browser.get("/counts").text
    check_page(text)
    assert "竹溪镇" in text and "大德镇" in text
    assert tiles(text)[0] == "13"
    ended = browser.get("/counts?period=2026-10").text
    assert "上一年同期 0 人" in ended and "+0" in ended
    assert browser.get("/counts/people").status_code == 403
    assert browser.get("/review").status_code == 403


def test_who_is_no_office_sees_no_page(town):
    for path in ("/counts", "/counts/definitions", "/counts/export", "/counts/people", "/review"):
        assert client(town.tokens["grower"]).get(path).status_code == 403


def test_the_page_tells_when_the_night_found_a_wrong_figure(town):
    from jobs.by_hand import run_now
    from jobs.schedule import named

    with db.transaction() as session:
        row = session.exec(
            select(PeriodCount).where(
                PeriodCount.period == SEASON,
                PeriodCount.place_code == make.ZHUXI,
                PeriodCount.kind == "",
            )
        ).one()
        row.persons += 5
        session.add(row)
    assert tiles(page_of(town))[0] == "17"
    assert run_now(named("counts"))
    text = page_of(town)
    assert tiles(text)[0] == "12"
    assert "有的数改过了" in text
    assert "待核对" in text


def test_the_page_asks_the_database_as_often_for_one_employer_as_for_many(town):
    from sqlalchemy import Engine, event

    def count() -> int:
        sent: list[str] = []

        def note(_connection, _cursor, statement, *_rest) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA", "SELECT set_config")):
                sent.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            page_of(town)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len(sent)

    page_of(town)
    few = count()
    with db.transaction() as session:
        for number in range(60):
            firm = make.employer(session, name=f"用工方{number}", verified_at=make.NOW)
            work(session, firm, town.people[number % 12])
    assert count() == few
