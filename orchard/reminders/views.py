"""What a person was told, and for staff whom nothing reached."""

from datetime import timedelta

from flask import Blueprint, g, render_template

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.places.queries import names
from orchard.reminders import queries
from orchard.reminders.rules import FAILED_SHOWN_DAYS

bp = Blueprint("reminders", __name__)


@bp.get("/messages")
def list() -> str:
    """Show the caller's own messages; below, for a town's staff, whom nothing reached."""
    today = clock.today()
    towns = g.caller.places(Role.TECHNICIAN, Role.SECRETARY)
    with db.reading() as session:
        own = queries.messages_for(session, g.caller.person_id)
        open_visits = queries.open_visits(session, g.caller, own)
        since = today - timedelta(days=FAILED_SHOWN_DAYS)
        failed = queries.undelivered(session, towns, since) if towns else []
        unreached = queries.without_account(session, towns, today) if towns else []
        villages = names(session, {row.village_code for row in [*failed, *unreached]})
    return render_template(
        "reminders/list.html",
        told=[
            (message, queries.text_of(message, g.locale), visit if visit in open_visits else None)
            for message in own
            for visit in [queries.visit_of(message)]
        ],
        failed=failed,
        unreached=unreached,
        villages=villages,
    )
