"""What waits is counted whole, clashes of ID numbers with it; few people are never listed."""

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.models import Person
from orchard.accounts.rules import EmployerKind, Role
from orchard.counts import people_views, review
from orchard.counts.models import ReviewCount
from orchard.counts.people import Measure, Opened, check
from orchard.counts.periods import period
from orchard.counts.queries import Asked, recount
from orchard.counts.rules import Review, definitions
from orchard.errors import NotVisible
from orchard.hiring import doubles
from orchard.hiring.models import RecognitionEvent
from orchard.hiring.rules import RecognitionEventKind
from orchard.ids import new_id
from orchard.wages.models import IdClash
from tests import make
from tests.client import client
from tests.counts.town import DAY, SEASON, lift, page_of, tick, tiles, work
from tests.page import check_page


def clash(session, one: Person, other: Person) -> tuple[UUID, UUID]:
    """Hand two records with one number to the town, as the form does."""
    pair = sorted((one.id, other.id))
    session.add(IdClash(person_id=pair[0], other_id=pair[1], at=make.NOW))
    session.flush()
    return pair[0], pair[1]


def found(session, item: Review, town: str = make.ZHUXI) -> review.Waiting:
    return next(one for one in review.waiting(session, town, DAY) if one.item == item)


def test_all_doubles_are_counted_and_the_first_of_them_shown(session):
    for _ in range(16):  # 120 pairs of one name, village and birth year
        make.worker(session, name="王小明", born_on=date(1980, 1, 1), phone=None)
    waiting = found(session, Review.DOUBLES)
    assert (waiting.count, len(waiting.pairs)) == (120, review.MOST)
    count, first = doubles.pairs(session, review.eye_of(make.ZHUXI))
    assert (count, len(first)) == (120, doubles.MOST_PAIRS)


def test_a_clash_of_numbers_reaches_the_town_masked_until_it_is_decided(town):
    with db.transaction() as session:
        one, other = town.people[0], make.worker(session, name="李大山", phone=None)
        far = [make.worker(session, village_code=make.OTHER_VILLAGE) for _ in range(2)]
        pair = clash(session, one, other)
        clash(session, *far)
    browser = client(town.tokens["secretary"])
    text = check_page(browser.get("/review").text).text
    assert "身份证号一样 1 件" in text
    assert "张*" in text and "李*" in text
    assert "李大山" not in text
    form = {"id": str(new_id()), "person_id": str(pair[0]), "other_id": str(pair[1])}
    assert browser.post_form("/review/same", {**form, "is_same": "no"}).status_code == 303
    assert "身份证号一样 0 件" in check_page(browser.get("/review").text).text
    with db.reading() as session:
        kept = session.get_one(ReviewCount, (make.ZHUXI, Review.ID_CLASH))
        assert kept.waiting == 0
        assert found(session, Review.ID_CLASH, make.DADE).count == 1


def test_a_decision_lets_others_write_while_what_waits_is_counted(town, monkeypatch):
    inside, real = [], review.waiting

    def waiting(session, *told):
        inside.append(session.info.get("is_writing", session.in_transaction()))
        with db.transaction() as writing:  # refused inside another one of this thread
            writing.exec(select(Person.id).limit(1)).all()
        return real(session, *told)

    monkeypatch.setattr(people_views.review, "waiting", waiting)
    with db.transaction() as session:
        twin = make.worker(session, name="张秀英0", phone=None, born_on=date(1980, 7, 1))
    pair = {"person_id": str(town.people[0].id), "other_id": str(twin.id), "is_same": "yes"}
    browser = client(town.tokens["secretary"])
    assert browser.post_form("/review/same", {"id": str(new_id()), **pair}).status_code == 303
    assert len(inside) == 1


def test_lifted_out_people_are_not_opened_where_their_figure_is_hidden(session):
    office = make.caller(session, Role.SECRETARY)
    firm = make.employer(session)
    people = [make.worker(session, name=f"工{number}") for number in range(12)]
    for person in people:
        work(session, firm, person)
    for person in people[:4]:
        lift(session, person)
    opened = Opened(make.ZHUXI, SEASON, Measure.LIFTED_OUT)
    with clock.frozen_at(make.NOW), pytest.raises(NotVisible):
        check(session, office, opened)
    assert check(session, office, Opened(make.ZHUXI, SEASON))
    lift(session, people[4])
    assert check(session, office, opened)
    assert period(SEASON).is_season


def test_no_page_leads_to_lifted_out_people_that_are_hidden(town):
    assert tiles(page_of(town))
    assert "measure=lifted_out" in page_of(town)


def test_the_file_says_large_wages_to_the_fen(town, monkeypatch):
    from orchard.counts import views

    block = {
        **{name: 0 for name in views.COLUMNS},
        "local": dict.fromkeys(views.LOCAL, 0),
        "lifted_out": {"persons": None},
        "wages_fen": 9_007_199_254_740_993,
    }
    assert views._cells(block)[-1] == "90071992547409.93"


def recognise(session, firm, kind: RecognitionEventKind, on_day: date) -> None:
    """Write one step of a workshop's recognition."""
    session.add(RecognitionEvent(employer_id=firm.id, kind=kind, on_day=on_day, at=make.NOW))
    session.flush()


def test_a_workshop_counts_without_recognition_and_waits_for_a_look(session):
    firms = {
        name: make.employer(session, name=name, kind=EmployerKind.WORKSHOP)
        for name in ("从没认定", "后来认定", "早取消了", "在观察", "认定了", "没出工")
    }
    before, after = date(2026, 9, 1), date(2026, 11, 21)
    recognise(session, firms["后来认定"], RecognitionEventKind.RECOGNISED, after)
    for name in ("早取消了", "在观察", "认定了"):
        recognise(session, firms[name], RecognitionEventKind.RECOGNISED, before)
    recognise(session, firms["早取消了"], RecognitionEventKind.STRUCK_OFF, DAY)
    recognise(session, firms["在观察"], RecognitionEventKind.UNDER_WATCH, DAY)
    people = [make.worker(session, name=f"工{number}") for number in range(3)]
    for name, firm in firms.items():
        for person in people[: 0 if name == "没出工" else 2 if name == "早取消了" else 1]:
            work(session, firm, person)
    waits = found(session, Review.UNRECOGNISED)
    listed = {item.employer: item.people for item in waits.items}
    assert listed == {"从没认定": 1, "后来认定": 1, "早取消了": 2}
    assert waits.count == 3
    assert found(session, Review.UNRECOGNISED, make.DADE).count == 0
    counted = recount(session, Asked(make.ZHUXI, DAY, DAY)).by_kind["workshop"]
    assert (counted.persons, counted.person_workplaces) == (2, 6)  # the definition of the kind
    assert {one.code: one.version for one in definitions().rows}["kind"] == 1


def test_a_break_makes_no_new_hire_and_the_definition_says_so(town):
    with db.transaction() as session:
        person = make.worker(session, name="停了又来")
        hire = make.hire(session, town.firms[0], person, started_on=date(2026, 10, 1))
        for day in (date(2026, 10, 1), DAY):  # 50 days apart
            tick(session, [hire.id], day)
    page = page_of(town)
    assert tiles(page)[:3] == ["13", "19", "19"]
    text = client(town.tokens["secretary"]).get("/counts/definitions").text
    assert "用工方登记一次用工，算一人次" in text
    assert "15 天" not in text
