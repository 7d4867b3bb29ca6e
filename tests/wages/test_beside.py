"""What is refused in a row or on a day's page is told beside its own field."""

import pytest

from orchard import db
from orchard.attendance.models import HeatDay
from orchard.attendance.rules import HeatRule
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages.models import PayLine
from tests.client import client
from tests.page import check_page
from tests.wages.earning import DAY, firm, line, made, rows, works, wrote

pytestmark = pytest.mark.usefixtures("morning")


def test_a_quantity_is_refused_beside_its_own_row(sqlite_database):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    name = f"q-{here.hire.id.hex}-{DAY:%Y%m%d}"
    answer = client(here.token).post_form("/pay/quantities", {name: "99999999"})
    assert answer.status_code == 422
    check_page(answer.text)
    assert f'href="#f-{name}"' in answer.text
    assert f'id="f-{name}"' in answer.text
    assert rows(PayLine)["PayLine"] == []


def test_a_day_without_a_rate_is_refused_beside_its_own_row(sqlite_database):
    with db.transaction() as session:
        here = firm(session, basis=PayBasis.JIN)
        here.hire.work = "pruning"
        works(session, here.hire)
    name = f"q-{here.hire.id.hex}-{DAY:%Y%m%d}"
    answer = client(here.token).post_form("/pay/quantities", {name: "10"})
    assert answer.status_code == 422
    assert f'href="#f-{name}"' in answer.text


def test_a_whole_day_in_the_heat_is_refused_beside_the_quantity(sqlite_database):
    here = made()
    wrote(works, here.hire, half_days=1)
    first = wrote(line, here)
    with db.transaction() as session:
        told = {"employer_id": here.firm.id, "day": DAY, "high_c": 38.0}
        session.add(HeatDay(**told, rule=HeatRule.SIX_HOURS))
    before = rows(PayLine)
    form = {"id": str(new_id()), "version": "1", "quantity": "1", "note": "干了一天"}
    answer = client(here.token).post_form(f"/pay/lines/{first.id}/correct", form)
    assert answer.status_code == 422
    check_page(answer.text)
    assert 'href="#f-quantity"' in answer.text
    assert "先打开“那天的点名”写原因" in answer.text
    assert f'href="/attendance/hires/{here.hire.id}/{DAY}"' in answer.text
    assert rows(PayLine) == before
