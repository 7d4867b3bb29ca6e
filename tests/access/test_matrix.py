"""The agreed access matrix, row by row, against the permission table and the walk's reach.

The walk (test_access.py) knocks at every endpoint; this holds its tables, and the program's, to
the matrix: a role opens a row's endpoints exactly where the matrix gives it a scope. Where we
depart from it, the row and the reason stand in DEVIATIONS; what does not exist yet in LATER.
"""

import csv
from pathlib import Path

import pytest

from orchard.accounts.rules import Role
from orchard.web.permissions import ALLOWED, PUBLIC
from tests.access.cases import CASES, REACH

ROLES = tuple(role.value for role in Role)
# "agg" and "agg5": the role reads counts, never the record.
NOT_THE_RECORD = {"-", "agg", "agg5"}
OPEN_SCOPES = {"all", "published", "published, phone hidden"}
PUBLISHED = {"opening", "application for work"}  # an opening of another town is for everybody
OUTSIDE = ("other", "unknown")  # how the walk's subjects of another town and of nobody end
OF_THE_TOWN = {"secretary", "technician"}  # a manager's or worker's scope ends at his own firm
NEIGHBOUR = ":neighbour"  # how its subjects of another firm of the same town end

with (Path(__file__).parent / "matrix.csv").open(encoding="utf-8") as file:
    MATRIX = {(row["resource"], row["action"]): row for row in csv.DictReader(file)}

ROWS: dict[tuple[str, str], str] = {
    ("weather forecast (town)", "read"): "weather.one api_weather.forecast api_weather.alerts",
    ("account", "create (invite)"): "accounts.invite accounts.create api_accounts.invite",
    ("account", "read/update"): "accounts.own accounts.language accounts.secret accounts.disable",
    ("session", "list/end"): "accounts.own accounts.end_session",
    ("person: name, phone", "read"): (
        "accounts.own accounts.person workers.one api_accounts.people visits.pool visits.one "
        "api_visits.pool api_visits.one"
    ),
    ("ID-card number", "create/update"): (
        "wages.write_own_number wages.write_number api_wages.write_id_number"
    ),
    ("ID-card number", "read"): "wages.own_number wages.number api_wages.id_number",
    ("lifted-out-of-poverty flag", "read"): (
        "statuses.own statuses.ask statuses.read api_hiring.my_status api_hiring.read_status"
    ),
    ("lifted-out-of-poverty flag", "update"): "statuses.write api_hiring.write_status",
    ("plot: attributes", "create/update/delete"): (
        "plots.new plots.create plots.edit plots.change plots.end api_plots.create api_plots.change"
    ),
    ("plot: attributes", "read"): "plots.list plots.one api_plots.list api_plots.one",
    ("maintenance task", "create"): "visits.save_record api_visits.put_record",
    ("maintenance task", "read"): "tasks.one api_tasks.one",
    ("maintenance task", "update status"): (
        "tasks.done tasks.undo tasks.postpone tasks.skip api_tasks.done api_tasks.skip"
    ),
    ("visit request", "create/cancel"): (
        "visits.new visits.create visits.cancel api_visits.create api_visits.cancel"
    ),
    ("visit request", "read"): (
        "visits.list visits.one visits.pool visits.town visits.district api_visits.waiting "
        "api_visits.district"
    ),
    ("visit request", "accept/schedule"): (
        "visits.take visits.put_on_day visits.hand_over visits.reassign api_visits.take "
        "api_visits.technicians"
    ),
    ("visit report", "create/update"): "visits.record visits.save_record api_visits.put_record",
    ("visit report", "read"): (
        "visits.one visits.prescription api_visits.record api_visits.advice"
    ),
    ("photo", "create"): "visits.add_photo api_visits.put_photo",
    ("photo", "read"): "visits.photo api_visits.get_photo",
    ("employer, workshop", "create/verify"): (
        "employers.new employers.create employers.verify api_hiring.open_employer"
    ),
    ("employer, workshop", "read (name, town, work)"): "employers.one api_hiring.employer",
    ("employer, workshop", "update"): "employers.edit employers.change employers.recognise",
    ("opening", "create/update/close"): (
        "openings.create openings.change openings.close openings.hide api_hiring.publish"
    ),
    ("opening", "read"): "openings.list openings.one api_hiring.opening",
    ("application for work", "create/withdraw"): (
        "openings.apply openings.withdraw api_hiring.apply api_hiring.withdraw"
    ),
    ("application for work", "read"): "openings.apply openings.decline api_hiring.applications",
    ("hire record", "create/end"): "hires.create hires.end api_hiring.make_hire",
    ("hire record", "confirm/dispute"): (
        "hires.confirm hires.object_to api_hiring.confirm_hire api_hiring.object_to_hire"
    ),
    ("hire record", "read"): "hires.list hires.one api_hiring.hires api_hiring.hire",
    ("attendance", "create/correct"): (
        "attendance.sheet attendance.save attendance.correct api_attendance.put "
        "api_attendance.save_sheet"
    ),
    ("attendance", "read"): "attendance.days api_attendance.days",
    ("wage line", "create, correction row"): (
        "wages.write wages.weigh wages.correct api_wages.write api_wages.correct"
    ),
    ("wage line", "confirm/dispute"): "wages.confirm wages.ask_objection wages.object_to",
    ("wage line", "read"): (
        "wages.work wages.line wages.disputes wages.ledger_page api_wages.lines api_wages.ledger"
    ),
    ("wage line", "update/delete"): "",
    ("counts: own town", "read"): "counts.page api_counts.local_hires",
    ("counts: other town", "read"): "counts.page api_counts.local_hires",
    ("export: wage ledger", "export"): "wages.ledger_file wages.slip api_wages.payment",
    ("export: counts", "export"): "counts.export",
    ("message outbox", "read"): "reminders.list api_reminders.list",
    ("audit trail about me", "read"): "accounts.own",
    ("audit log", "update/delete"): "",
    ("health: liveness", "read"): "health.live",
}

LATER = {
    "public page, published advisory": "no advisories yet",
    "advisory draft": "no advisories yet",
    "weather forecast (town)": "written by the job alone, which is no endpoint",
    "role, territory grant": "given with an invitation or by command, ended with the account",
    "consent": "no purpose needs one yet",
    "plot: boundary": "plots have a point, no boundary",
    "spray record": "later, with the balance",
    "training, living allowance": "later",
    "start-up loan": "later",
    "export: own data (PIPL 45)": "later",
    "bulk import": "later",
    "message outbox": "no retry by hand: the jobs try again by themselves",
    "audit log": "no page; read in the database",
    "health: detail, metrics, backup": "loopback or token, no role",
}

# (row) -> role -> why it may more ("+") or less ("-") than the matrix says.
DEVIATIONS: dict[tuple[str, str], dict[str, str]] = {
    ("weather forecast (town)", "read"): {
        "worker": "- a forecast stands at a plot; a worker has none",
        "district": "- likewise; the overview tells its age",
    },
    ("plot: attributes", "read"): {"worker": "- a hire names its place of work, not a plot"},
    ("maintenance task", "create"): {
        "grower": "- tasks come from the calendar and the technician",
        "manager": "- likewise",
    },
    ("maintenance task", "read"): {
        "secretary": "+ a cadre helps growers without a phone",
        "worker": "- reads the guidance only",
    },
    ("maintenance task", "update status"): {
        "worker": "- no task is given to a worker yet",
        "technician": "- adoption is told at the prescription instead",
    },
    ("visit request", "create/cancel"): {"secretary": "+ the issue: a cadre on his behalf"},
    ("visit request", "read"): {"district": "+ who reassigns has to see what"},
    ("photo", "create"): {
        "worker": "- no task is given to a worker yet",
        "secretary": "+ with a request on a grower's behalf",
    },
    ("opening", "create/update/close"): {
        "grower": "+ opens his household employer and is its manager from then on"
    },
}


@pytest.mark.parametrize("row", list(MATRIX), ids=" - ".join)
def test_each_row_is_held_or_said_to_come_later(row):
    assert (row in ROWS) or (row[0] in LATER), row


@pytest.mark.parametrize("row", list(ROWS), ids=" - ".join)
def test_the_roles_of_a_row_are_those_of_its_endpoints(row):
    may = {role for role in ROLES if MATRIX[row][role] not in NOT_THE_RECORD}
    for role, why in DEVIATIONS.get(row, {}).items():
        assert (role in may) == why.startswith("-"), f"{role} no longer deviates: {why}"
        may ^= {role}
    does: set[str] = set()
    for endpoint in ROWS[row].split():
        does |= set(ROLES) if endpoint in PUBLIC else ALLOWED[endpoint]
    assert does == may


@pytest.mark.parametrize("row", list(ROWS), ids=" - ".join)
def test_nobody_finds_a_record_outside_the_scope_of_his_row(row):
    for endpoint in ROWS[row].split():
        for role, subjects in REACH.get(CASES[endpoint].kind, {}).items():
            if role not in ROLES or role == "district" or row[0] in PUBLISHED:
                continue
            if MATRIX[row][role].partition(":")[0] in OPEN_SCOPES:
                continue
            outside = OUTSIDE if role in OF_THE_TOWN else (*OUTSIDE, NEIGHBOUR)
            assert not [name for name in subjects if name.endswith(outside)], (endpoint, role)


def test_a_deviation_names_a_row_that_is_there():
    assert set(DEVIATIONS) <= set(ROWS) <= set(MATRIX)
