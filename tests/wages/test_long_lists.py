"""More than a page holds: what is settled and what the ledger says is whole, or refused."""

from datetime import timedelta

import pytest
from sqlmodel import select

from orchard import db
from orchard.accounts.models import Account, AuditLine
from orchard.accounts.queries import caller_of_account
from orchard.accounts.rules import Role
from orchard.accounts.services import grant
from orchard.attendance.models import Workday
from orchard.ids import new_id
from orchard.paging import EVENTS
from orchard.wages import ledger, paid, queries, reckoning
from orchard.wages.models import PayAnswer, Payment, PaymentLine, Rate
from orchard.wages.rules import AnswerState, Means, Objection, PaymentKind, Proof
from tests import make
from tests.client import client
from tests.page import check_page
from tests.wages.earning import DAY, DAY_RATE, firm, made, settle_form, worked_line, wrote
from tests.wages.paying import NOW, correct, settle

pytestmark = pytest.mark.usefixtures("morning")
LONG = 405  # days: more lines than the page lists


def owed_long(session):
    """Make a firm that did not pay for more than a year."""
    here = firm(session)
    days = [{"day": DAY - timedelta(back), "half_days": 2} for back in range(LONG)]
    told = {"hire_id": here.hire.id, "written_at": make.NOW, "version": 1}
    db.insert_all_once(session, Workday, [told | day for day in days])
    session.exec(select(Rate)).one().from_on = DAY - timedelta(LONG)
    session.flush()
    what = reckoning.Stretch(here.firm.id)
    assert reckoning.reckon(session, here.manager, what, now=NOW).lines == LONG
    return here


def test_more_days_than_the_page_lists_are_settled_on_it(sqlite_database):
    with db.transaction() as session:
        here = owed_long(session)
        sum_fen = LONG * DAY_RATE // 100
        found = paid.paid_person(session, here.manager, here.hire.person_id, None).owed
        assert found == (sum_fen, LONG, DAY)
    page = check_page(client(here.token).get(f"/pay/{here.hire.person_id}").text)
    typed = {one.get("name"): one.get("value") for one in page.of("input")}
    assert typed["seen_fen"] == str(sum_fen)
    assert f"{LONG} 天没结清" in page.text
    form = settle_form(here, seen_fen=typed["seen_fen"], until=typed["until"])
    answer = client(here.token).post_form(f"/pay/{here.hire.person_id}/settle", form)
    assert answer.status_code == 303
    with db.reading() as session:
        assert len(session.exec(select(PaymentLine)).all()) == LONG


def test_a_list_is_cut_only_where_it_is_longer_than_asked_for(session):
    here = firm(session)
    first = worked_line(session, here, DAY - timedelta(1))
    second = worked_line(session, here)
    correct(session, here, second, 50)
    here_only = queries.is_open_day()
    roots = [[day.root.id for day in queries.day_pays(session, here_only, most=n)] for n in (2, 3)]
    assert roots == [[second.id], [second.id, first.id]]
    assert queries.day_pays(session, here_only, most=2)[0].quantity_x100 == 50


def test_the_ledger_is_refused_rather_than_cut(session, monkeypatch):
    here = firm(session)
    line_of = worked_line(session, here)
    settle(session, here)
    monkeypatch.setattr(ledger, "MOST_ROWS", 1)
    assert len(ledger.entries(session, here.manager, DAY, NOW.date())) == 1
    session.add(
        Payment(
            id=new_id(),
            employer_id=here.firm.id,
            person_id=here.hire.person_id,
            kind=PaymentKind.WAGES,
            means=Means.CASH,
            proof=Proof.SIGNATURE,
            amount_fen=1,
            paid_on=line_of.worked_on,
            made_at=NOW,
        )
    )
    session.flush()
    with pytest.raises(ledger.TooMany) as no:
        ledger.entries(session, here.manager, DAY, NOW.date())
    assert no.value.values == {"most": 1}


def test_only_an_employer_who_is_in_the_file_is_written_down(session, monkeypatch):
    here = firm(session)
    worked_line(session, here)
    settle(session, here)
    other = make.employer(session, verified_at=make.NOW)
    account = session.get_one(Account, here.manager.account_id)
    grant(session, account, Role.MANAGER, employer_id=other.id, now=make.NOW, by=None)
    manager = caller_of_account(session, account.id)
    monkeypatch.setattr(ledger, "check_proved", lambda *_args, **_named: None)
    found = ledger.entries(session, manager, DAY, NOW.date())
    assert manager.employers == {here.firm.id, other.id}
    ledger.open_numbers(session, manager, found, now=NOW)
    lines = session.exec(select(AuditLine).where(AuditLine.action == "wages.ledger_exported")).all()
    assert [one.subject for one in lines] == [str(here.firm.id)]


def test_a_days_page_shows_the_newest_answers_and_leads_to_the_earlier_ones(database):
    here = made()
    first = wrote(worked_line, here)
    with db.transaction() as session:
        for version in range(1, 2 * EVENTS + 1):
            said = AnswerState.CONFIRMED if version % 2 else AnswerState.OBJECTED
            reason = Objection.QUANTITY if said == AnswerState.OBJECTED else None
            row = {"line_id": first.id, "version": version, "state": said, "reason": reason}
            session.add(PayAnswer(**row, note=f"第{version}句", at=make.NOW))
    earlier = f"before={EVENTS + 1}"
    for token, path in (
        (here.worker_token, f"/work/{first.id}/object"),
        (here.token, f"/pay/lines/{first.id}"),
    ):
        browser = client(token)
        for address, shown in ((path, range(21, 41)), (f"{path}?{earlier}", range(1, 21))):
            page = check_page(browser.get(address).text)
            assert [n for n in range(1, 41) if f"第{n}句" in page.text] == list(shown)
            links = [tag["href"] for tag in page.of("a")]
            assert (f"{path}?{earlier}" in links) is (address == path)


def test_a_program_reads_the_newest_answers_and_those_before_them(sqlite_database):
    here, stranger = made(), made()
    first, empty = (wrote(worked_line, here, DAY - timedelta(n)) for n in (0, 1))
    with db.transaction() as session:
        for version in range(1, 2 * EVENTS + 2):
            row = {"line_id": first.id, "version": version, "state": AnswerState.CONFIRMED}
            session.add(PayAnswer(**row, at=make.NOW))

    def told(query="", head=here.bearer, line_id=first.id):
        return client().get(f"/api/v1/pay-lines/{line_id}{query}", headers=head)

    pages = [
        ("", range(22, 42), True),
        ("?before=22", range(2, 22), True),
        ("?before=21", range(1, 21), False),
        ("?before=1", [], False),
    ]
    for head in (here.bearer, here.worker_bearer):
        for query, versions, has_more in pages:
            day = told(query, head).json
            assert [one["version"] for one in day["answers"]] == list(versions)
            assert day["has_more"] is has_more
    day = told(line_id=empty.id).json
    assert (day["answers"], day["has_more"]) == ([], False)
    assert told("?before=0").status_code == 422
    for query in ("", "?before=21"):
        assert told(query, stranger.bearer).status_code == 404
