"""The work of 2022: the told figures come out of the records, by plain counting."""

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import select

from orchard import db, settings
from orchard.accounts.models import Employer, Person
from orchard.accounts.rules import EmployerKind, Sex
from orchard.attendance.models import HeatDay, Workday
from orchard.attendance.rules import HeatRule
from orchard.cli import main
from orchard.demo.book import book
from orchard.hiring.models import Hire, RecognitionEvent, StatusPeriod
from orchard.hiring.rules import RecognitionEventKind
from orchard.wages.models import PayAnswer, PayLine, Payment, PaymentLine
from orchard.wages.rules import AnswerState, LineKind, Proof
from tests.counts import brute

FIRST, AS_OF = date(2022, 1, 1), date(2022, 9, 21)
THREE_MONTHS_BEFORE = date(2022, 6, 21)
TWO_YEARS_BEFORE = date(2020, 9, 22)


@pytest.fixture(scope="module")
def history(built):
    """Everything that the built county holds of work, read once."""
    settings.use(settings.get().model_copy(update={"data_dir": Path(built[0]), "database_url": ""}))
    with db.reading() as session:
        yield History(session)
    db.dispose()
    settings.use(None)


class History:
    def __init__(self, session):
        self.session = session
        self.rows = brute.export(session)
        self.employers = {row.id: row for row in session.exec(select(Employer))}
        self.people = {row.id: row for row in session.exec(select(Person))}
        self.hires = [
            row for row in session.exec(select(Hire)) if row.started_on < date(2023, 1, 1)
        ]
        self.shops = {row.name: row for row in self.employers.values() if row.kind == "workshop"}
        self.days = defaultdict(list)
        for hire_id, day in session.execute(select(Workday.hire_id, Workday.day)):
            self.days[hire_id].append(day)
        self.plantation = next(row for row in self.employers.values() if row.kind == "plantation")

    def of(self, employer, first=FIRST, last=AS_OF):
        """Return the hires of an employer that have a work day in a span."""
        return [
            hire
            for hire in self.hires
            if hire.employer_id == employer.id
            and any(first <= day <= last for day in self.days[hire.id])
        ]

    def lifted(self, person_id, day):
        return any(
            row.from_on <= day and (row.until_on is None or row.until_on >= day)
            for row in self.session.exec(
                select(StatusPeriod).where(StatusPeriod.person_id == person_id)
            )
        )


@pytest.fixture(scope="module")
def counted(history):
    return brute.count(history.rows, "500154", FIRST, AS_OF)


def test_the_nineteen_workshops_employed_518_people_204_of_them_lifted_out(counted):
    shops = counted["by_kind"]["workshop"]
    assert (shops["persons"], shops["lifted_out"]["persons"]) == (518, 204)
    assert shops["person_workplaces"] == 529
    assert shops["lifted_out"]["person_workplaces"] == 208
    assert shops["hires"] == 561


def test_the_plantation_employed_39_for_1364_days_and_190080_yuan(counted):
    plantation = counted["by_kind"]["plantation"]
    assert (plantation["persons"], plantation["hires"]) == (39, 71)
    assert plantation["local"] == {"village": 21, "town": 30, "district": 34}
    assert (plantation["person_days"], plantation["fte"]) == (1_364, 5.46)
    assert plantation["wages_fen"] == 19_008_000
    assert plantation["lifted_out"]["persons"] == 9


def test_the_whole_is_less_than_its_parts_because_three_worked_in_both(counted):
    parts = counted["by_kind"]
    assert counted["total"]["persons"] == 554
    assert parts["workshop"]["persons"] + parts["plantation"]["persons"] == 557


def test_the_command_prints_exactly_these_figures(history, counted):
    span = ["--place", "500154", "--from", str(FIRST), "--to", str(AS_OF)]
    done = CliRunner().invoke(main, ["counts", *span, "--json"])
    said = json.loads(done.output)
    assert said["total"] == counted["total"]
    assert said["by_kind"] == counted["by_kind"]
    by_employer = {
        row["id"].replace("-", ""): {name: row[name] for name in counted["total"]}
        for row in said["by_employer"]
    }
    assert by_employer == counted["by_employer"]
    assert Counter(row["kind"] for row in said["by_employer"]) == {"workshop": 19, "plantation": 1}


def test_every_workshop_has_the_told_people_lifted_out_and_stable(history, counted):
    named = {row.id.hex: row.name for row in history.shops.values()}
    found = {named[id]: block for id, block in counted["by_employer"].items() if id in named}
    assert len(book().shops) == 19
    for shop in book().shops:
        block = found[shop.name]
        stable = {
            hire.person_id
            for hire in history.of(history.shops[shop.name])
            if hire.started_on <= THREE_MONTHS_BEFORE and hire.ended_on > AS_OF
        }
        told = (shop.people, shop.lifted_out, shop.people + shop.rehired, shop.stable)
        assert told == (
            block["persons"],
            block["lifted_out"]["persons"],
            block["hires"],
            len(stable),
        ), shop.name
    assert {9, 10, 19, 20, 39, 40} <= {shop.people for shop in book().shops} | {
        shop.stable for shop in book().shops
    }


def test_hires_of_one_person_in_one_workshop_lie_more_than_15_days_apart(history):
    by_person = defaultdict(list)
    for hire in history.hires:
        by_person[hire.person_id, hire.employer_id].append((hire.started_on, hire.ended_on))
    gaps = [
        later[0] - earlier[1]
        for stints in by_person.values()
        for earlier, later in pairwise(sorted(stints))
    ]
    assert len(gaps) > 60
    assert min(gaps) > timedelta(days=15)


def test_nobody_works_two_days_on_one_date_or_outside_his_hire(history):
    by_person = Counter()
    for hire in history.hires:
        for day in history.days[hire.id]:
            assert hire.started_on <= day <= hire.ended_on
            by_person[hire.person_id, day] += 1
    assert max(by_person.values()) == 1


def test_the_first_workshop_hired_103_in_24_months_58_of_them_lifted_out(history):
    shop = history.shops["大德针织服装就业帮扶车间"]
    begun = [
        hire
        for hire in history.hires
        if hire.employer_id == shop.id and TWO_YEARS_BEFORE <= hire.started_on <= AS_OF
    ]
    lifted = [hire for hire in begun if history.lifted(hire.person_id, hire.started_on)]
    assert (len(begun), len(lifted)) == (103, 58)
    assert len({hire.person_id for hire in begun}) == 103
    people = [history.people[hire.person_id] for hire in history.of(shop)]
    aged = [person for person in people if person.born_on <= date(1962, 9, 21)]
    assert [(person.born_on.year, person.sex) for person in aged] == [(1962, Sex.FEMALE)]


def test_the_sixteenth_workshop_has_five_lifted_out_but_three_now_and_is_watched(history):
    shop = history.shops["铁桥农产品贸易就业帮扶车间"]
    events = history.session.exec(
        select(RecognitionEvent.kind).where(RecognitionEvent.employer_id == shop.id)
    ).all()
    assert set(events) == {RecognitionEventKind.RECOGNISED, RecognitionEventKind.UNDER_WATCH}
    now = [
        hire
        for hire in history.of(shop)
        if hire.ended_on > AS_OF and history.lifted(hire.person_id, AS_OF)
    ]
    assert len(now) == 3
    ended = history.session.exec(
        select(StatusPeriod).where(StatusPeriod.until_on == date(2022, 6, 30))
    ).one()
    assert ended.kind == "monitored"
    after = brute.count(history.rows, "500154119", date(2022, 7, 1), AS_OF)
    assert after["by_kind"]["workshop"]["lifted_out"]["persons"] == 3


def test_two_spellings_of_one_name_are_one_person_by_the_towns_decision(history):
    records = [person for person in history.people.values() if person.name in ("张世芳", "张仕芳")]
    assert len(records) == 2 and len(history.rows["same_person"]) == 1
    apart = brute.count({**history.rows, "same_person": []}, "500154", FIRST, AS_OF)
    assert apart["by_kind"]["workshop"]["persons"] == 519


def test_the_plantation_has_18_over_age_the_oldest_72_and_one_picker_hired_twice(history):
    hires = history.of(history.plantation)
    people = {hire.person_id: history.people[hire.person_id] for hire in hires}
    born = [person.born_on for person in people.values()]
    assert len([day for day in born if day < date(1962, 1, 1)]) == 18
    assert min(day for day in born if day >= date(1962, 1, 1)) >= date(1973, 1, 1)
    assert min(born) == date(1949, 11, 5)
    picking = Counter(hire.person_id for hire in hires if hire.work == "picking")
    assert (len(picking), sorted(picking.values())[-2:]) == (39, [1, 2])
    works = Counter((hire.work, len(history.days[hire.id])) for hire in hires)
    assert works == {
        ("picking", 22): 40,
        ("pruning", 15): 8,
        ("thinning", 12): 12,
        ("spraying", 20): 5,
        ("weeding", 20): 6,
    }


def test_everything_told_was_paid_with_proof_three_lines_after_it_were_not(history):
    paid = history.session.execute(
        select(PayLine.worked_on, PayLine.amount_fen, Payment.proof, Payment.id)
        .join(PaymentLine, PaymentLine.line_id == PayLine.id)
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .join(Hire, Hire.id == PayLine.hire_id)
        .where(PayLine.worked_on < date(2023, 1, 1))
    ).all()
    told = [row for row in paid if FIRST <= row.worked_on <= AS_OF]
    assert sum(row.amount_fen for row in told) == 19_008_000
    assert {row.proof for row in told} == {Proof.BANK_RECEIPT, Proof.SIGNATURE}
    without = [row for row in paid if row.proof == Proof.MISSING]
    assert len(without) == 3
    assert all(row.worked_on > AS_OF for row in without)


def test_hot_days_of_august_have_no_work_or_are_noted_and_one_was_overruled(history):
    heat = history.session.exec(
        select(HeatDay).where(HeatDay.employer_id == history.plantation.id)
    ).all()
    rules = Counter(day.rule for day in heat)
    assert rules == {HeatRule.STOP: 2, HeatRule.SIX_HOURS: 4}
    assert [day.reason != "" for day in heat if day.overruled_at] == [True]
    worked = {day for hire in history.of(history.plantation) for day in history.days[hire.id]}
    assert worked & {day.day for day in heat} == {day.day for day in heat if day.overruled_at}


def test_a_dispute_over_20_jin_is_corrected_by_a_line_outside_the_told_figures(history):
    answers = history.session.execute(
        select(PayAnswer.state, PayLine)
        .join(PayLine, PayLine.id == PayAnswer.line_id)
        .where(PayLine.worked_on < date(2023, 1, 1))
        .order_by(PayAnswer.version)
    ).all()
    assert [state for state, _line in answers] == [
        AnswerState.OBJECTED,
        AnswerState.ANSWERED,
        AnswerState.CONFIRMED,
    ]
    line = answers[0][1]
    further = history.session.exec(select(PayLine).where(PayLine.corrects_id == line.id)).one()
    assert (further.kind, further.quantity_x100, further.amount_fen) == (
        LineKind.CORRECTION,
        2_000,
        300,
    )
    assert line.worked_on > AS_OF


def test_workshops_are_recognised_before_anybody_is_told_to_work_there(history):
    for shop in history.shops.values():
        assert shop.kind == EmployerKind.WORKSHOP
        events = history.session.exec(
            select(RecognitionEvent).where(RecognitionEvent.employer_id == shop.id)
        ).all()
        assert min(event.on_day for event in events) < FIRST
