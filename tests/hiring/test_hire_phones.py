"""The call button on a hire's page rings a number, or is not there."""

import pytest

from orchard import db
from orchard.accounts.models import Person
from orchard.hiring.models import Roster
from tests import make
from tests.hiring.filling import Firm
from tests.hiring.reading import shown

pytestmark = pytest.mark.usefixtures("morning")
HINT = "他自己认了用工，就能看到电话和生日"


def test_no_button_dials_a_masked_number(database):
    firm = Firm()
    with db.transaction() as session:
        made = make.hire(session, firm.employer, session.get(Person, firm.worker.person_id))
        key = {"employer_id": firm.employer.id, "person_id": made.person_id}
        known = session.get(Roster, tuple(key.values())) or Roster(**key, at=make.NOW)
        known.is_linked = True
        session.add(known)
    page = f"/hires/{made.id}"
    answer = firm.boss.get(page)
    assert HINT in shown(answer)
    assert "tel:" not in answer.text
    assert firm.hand.post_form(f"{page}/confirm", {"version": "1"}).status_code == 303
    answer = firm.boss.get(page)
    assert HINT not in shown(answer)
    assert 'href="tel:+8613900001234"' in answer.text
