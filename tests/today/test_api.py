"""One plot's day as JSON, for whoever may see the plot and for nobody else."""

from orchard import clock, db
from orchard.accounts.models import ApiToken
from orchard.accounts.services import token_hash
from orchard.ids import new_id
from tests import make
from tests.client import api, client
from tests.today.test_pages import POINT, pull, task
from tests.weather import answers


def cast(session):
    """Make a grower with a plot and a task, and a stranger; return plot id and their secrets."""
    owner, stranger = make.caller(session), make.caller(session)
    plot = make.plot(session, owner, **POINT)
    session.add(task(plot))
    for who, secret in ((owner, "owner"), (stranger, "stranger")):
        session.add(
            ApiToken(account_id=who.account_id, token_hash=token_hash(secret), made_at=make.NOW)
        )
    return plot.id


def test_tasks_alerts_and_spray_hours_of_a_plot(database):
    with db.transaction() as session:
        plot_id = cast(session)
    with clock.frozen_at(answers.NOW):
        pull(answers.NOW)
        answer = client().get(f"/api/v1/plots/{plot_id}/today", headers=api("owner"))
    assert answer.status_code == 200
    assert answer.json["tasks"][0]["id"] == f"{plot_id}.DSY2.2026-1"
    assert answer.json["forecast_state"] == "fresh"
    assert {hour["verdict"] for hour in answer.json["spray"]} <= {
        "good", "marginal", "unknown", "no",
    }  # fmt: skip


def test_a_stranger_finds_nothing(database):
    with db.transaction() as session:
        plot_id = cast(session)
    page = client()
    foreign = page.get(f"/api/v1/plots/{plot_id}/today", headers=api("stranger"))
    unknown = page.get(f"/api/v1/plots/{new_id()}/today", headers=api("stranger"))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.data == unknown.data
