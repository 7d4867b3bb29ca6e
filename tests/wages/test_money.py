"""Ten thousand awkward lines: exact to the fen in JSON, on the page, in sums and on the slip."""

import random
import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import func
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.models import Person
from orchard.accounts.rules import Role
from orchard.attendance.models import Workday
from orchard.hiring.rules import PayBasis, works
from orchard.ids import new_id
from orchard.wages import services
from orchard.wages.models import PayLine, Rate
from orchard.wages.rules import QUANTITY_X100
from orchard.wages.services import NewLine
from tests import make
from tests.client import Client, client
from tests.engines import slow_on
from tests.wages.earning import Firm, bearer, firm

LINES = 10_000
FIRST, MONTH = date(2026, 8, 15), date(2026, 11, 1)
DAYS = 100  # up to 22 November
STAMP = {"version": 1, "written_at": make.NOW, "written_by_id": None}
FEN = Decimal("0.01")
AWKWARD = (1, 49, 50, 51, 99, 333, 667, 1_999, 33_333, 99_999)
RATES = (1, 4_999, 5_000, 5_001, 1_500, 1_333, 6_667, 12_345, 99_999, 1_299_999)


def oracle(quantity_x100: int, rate_fen_x100: int) -> Decimal:
    """Return yuan by another way: decimals all through."""
    yuan = Decimal(quantity_x100) / 100 * Decimal(rate_fen_x100) / 10_000
    return yuan.quantize(FEN, ROUND_HALF_UP)


def crowd(here: Firm) -> tuple[list[NewLine], dict]:
    """Hire 100 people, each at one of ten works' rates, who worked a hundred days."""
    chance = random.Random(11)
    codes = list(works())[: len(RATES)]
    lines, due, days = [], {}, []
    with db.transaction() as session:
        for work, rate in zip(codes, RATES, strict=True):
            session.add(
                Rate(
                    employer_id=here.firm.id,
                    work=work,
                    basis=PayBasis.JIN,
                    rate_fen_x100=rate,
                    from_on=FIRST,
                    made_at=make.NOW,
                )
            )
        for number in range(LINES // DAYS):
            rate = number % len(RATES)
            person = make.worker(session, name=f"工{number}")
            hire = make.hire(session, here.firm, person, basis=PayBasis.JIN, work=codes[rate])
            for day in (FIRST + timedelta(n) for n in range(DAYS)):
                odd = chance.choice(AWKWARD) + 100 * chance.randrange(0, 2_000)
                days.append({"hire_id": hire.id, "day": day, "half_days": 2, **STAMP})
                lines.append(NewLine(new_id(), hire.id, day, odd))
                due[lines[-1].id] = (person.id, oracle(odd, RATES[rate]), day)
        db.insert_all_once(session, Workday, days)
    assert all(QUANTITY_X100[0] <= line.quantity_x100 <= QUANTITY_X100[1] for line in lines)
    return lines, due


@slow_on("postgres")
def test_ten_thousand_awkward_lines_are_exact_everywhere(database):
    with clock.frozen_at(make.NOW):
        with db.transaction() as session:
            here = firm(session, basis=PayBasis.JIN)
        lines, due = crowd(here)
        with db.transaction() as session:
            written = services.write_lines(session, here.manager, lines, now=make.NOW)
        assert len(written) == LINES
        assert {line.id: Decimal(line.amount_fen) / 100 for line in written} == {
            id_: yuan for id_, (_, yuan, _) in due.items()
        }
        with db.reading() as session:
            stored = session.exec(select(func.sum(PayLine.amount_fen))).one()
        total = sum(yuan for _, yuan, _ in due.values())
        assert Decimal(int(stored)) / 100 == total
        if database == "sqlite":  # what follows is the same Python on both
            json_agrees(here, due)
            pages_agree(here, due, total)


def json_agrees(here: Firm, due: dict) -> None:
    """Read every line by the interface; compare strings and integers with the oracle."""
    program, path, seen = client(), "/api/v1/pay-lines", {}
    while path:
        told = program.get(path, headers=here.bearer).json
        for one in told["lines"]:
            assert Decimal(one["amount_fen"]) / 100 == Decimal(one["amount_yuan"])
            seen[one["id"]] = one["amount_yuan"]
        path = f"/api/v1/pay-lines?after={told['lines'][-1]['id']}" if told["has_after"] else ""
    assert seen == {str(id_): str(yuan) for id_, (_, yuan, _) in due.items()}


def pages_agree(here: Firm, due: dict, total: Decimal) -> None:
    """Read the sums on the manager's page, and each of some people's days, wages and slip."""
    manager = client(here.token)
    app = manager.application
    assert f"<b>{shown(total)}<i>" in manager.get("/pay").text
    for person_id in sorted({person for person, _, _ in due.values()})[::12]:
        days = [yuan for person, yuan, _ in due.values() if person == person_id]
        month = [yuan for who, yuan, day in due.values() if who == person_id and day >= MONTH]
        page = manager.get(f"/pay/{person_id}").text
        assert f"结清 {shown(sum(days))} 元" in page
        with db.transaction() as session:
            person = session.get_one(Person, person_id)
            worker, token = make.signed_in(
                session, Role.WORKER, of=person, employer_id=here.firm.id
            )
            head = bearer(session, worker)
        work = client(token, app=app).get("/work").text
        assert f"<b>{shown(sum(month))}<i>" in work
        assert sorted(re.findall(r"<b>([\d,.]+) 元</b>", work)) == sorted(map(shown, month))
        settled(manager, here, person_id, sum(days), head)


def settled(manager: Client, here: Firm, person_id, yuan: Decimal, head) -> None:
    """Settle a person by the page's own sum, and find the same on the slip and in JSON."""
    form = {
        "id": str(new_id()),
        "employer_id": str(here.firm.id),
        "until": "2026-11-23",
        "seen_fen": str(int(yuan * 100)),
        "way": "cash_signature",
        "paid_on": "2026-11-23",
    }
    slip = manager.post_form(f"/pay/{person_id}/settle", form)
    assert slip.status_code == 303
    assert f"{shown(yuan)} 元" in manager.get(slip.location).text
    told = manager.get(f"/api/v1/payments/{form['id']}", headers=head).json
    assert told["amount_yuan"] == str(yuan)
    assert sum(Decimal(one["amount_yuan"]) for one in told["lines"]) == yuan


def shown(yuan: Decimal) -> str:
    """Return an amount as pages write it, by another way than they do."""
    text = f"{yuan:,.2f}"
    return text.removesuffix(".00")
