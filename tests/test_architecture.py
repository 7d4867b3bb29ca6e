"""The direction rules of the house, executable."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

TIERS = [
    {"errors", "ids", "settings", "words", "logs"},
    {"clock", "turns", "units"},
    {"fields", "paging", "prepared", "tables", "timetable"},
    {"db"},
    {"ledger", "revision", "web"},
    {"schema"},
    {"places"},
    {"accounts"},
    {"plots"},
    {"weather"},
    {"tasks"},
    {"visits"},
    {"hiring"},
    {"attendance"},
    {"wages"},
    {"workshops", "training", "ventures"},
    {"reminders"},
    {"today"},
    {"overview", "counts"},
    {"health"},
    {"synth"},
    {"backup", "demo"},
    {"bench"},
]
TIER = {room: level for level, rooms in enumerate(TIERS) for room in rooms}
BASE = set().union(*TIERS[:6])
ROOTS = {"app", "cli"}
TOOLS = {"bench", "demo", "synth"}  # not rooms of the field: their files are named by what they do
ROOM_FILES = {
    "__init__",
    *["models", "rules", "services", "queries", "forms", "views", "api", "gateway"],
}
# A room whose rules or services fill more than one file names the parts.
PURE_PARTS = {
    "wages": {"id_numbers"},
    "accounts": {"guessable"},
    "counts": {"periods", "suppression"},
    "weather": {"acceptance", "assess", "bar", "digest", "series", "spray", "thresholds"},
    "hiring": {"ages"},
    "tasks": {"terms"},
    "visits": {"catalogue"},
}
OTHER_PARTS = {
    "wages": {
        *[
            "answers",
            "identity",
            "ledger",
            "ledger_views",
            "line_api",
            "owed",
            "own",
            "paid",
            "pay_views",
            "payments",
        ],
        *["reckoning", "sealing", "sheet", "work_views"],
    },
    "accounts": {
        "card_views",
        "cards",
        "directory",
        "doors",
        "founding",
        "giving",
        "managing",
        "people",
        "people_views",
        "retention",
    },
    "counts": {"board", "comparing", "people", "people_views", "records", "review", "shown"},
    "attendance": {"heat", "review"},
    "hiring": {
        *["checks", "crews", "directory", "doubles", "employers", "listing", "openings", "people"],
        *["places", "roster", "status"],
        *["employer_api", "employer_views", "hire_api", "hire_views", "people_api"],
        *["people_views", "status_views"],
    },
    "reminders": {"arrivals", "frost"},
    "tasks": {"dates", "events", "naming", "planning"},
    "weather": {"stored"},
    "visits": {
        *["advice_views", "aftercare", "desk", "desk_api", "desk_views", "diary", "figures"],
        *["images", "office_views", "photos", "recording", "reports", "shapes", "steps"],
    },
}
DOORS = {"views", "api", "desk_api", "desk_views", "people_views"}
DOORS |= {"advice_views", "office_views"}
DOORS |= {"ledger_views", "line_api", "pay_views", "work_views"}
DOORS |= {"employer_api", "employer_views", "hire_api", "hire_views", "people_api"}
DOORS |= {"card_views", "status_views"}
OWN = DOORS | {"forms"}
PURE_BANNED = {"flask", "sqlmodel", "sqlalchemy", "requests", "apscheduler"}
PURE_BANNED |= {"orchard.db", "orchard.clock"}
BY_NAME = {"importlib", "importlib.import_module"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
CLOCKS |= {("time", "time")}


def known_files(room: str) -> set[str]:
    return ROOM_FILES | PURE_PARTS.get(room, set()) | OTHER_PARTS.get(room, set())


def files(root: Path) -> Iterator[Path]:
    for path in sorted([*root.glob("orchard/**/*.py"), *root.glob("jobs/**/*.py")]):
        if "migrations" not in path.parts:
            yield path


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield module
            if not node.level:
                yield from (f"{module}.{alias.name}" for alias in node.names)


def attributes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield getattr(node.value, "id", getattr(node.value, "attr", "")), node.attr


def broken(root: Path = ROOT) -> Iterator[str]:
    for path in files(root):
        where = path.relative_to(root)
        house = where.parts[0]
        room = where.parts[1].removesuffix(".py") if house == "orchard" else None
        inside = house == "orchard" and len(where.parts) > 2 and room not in BASE | ROOTS | TOOLS
        tree = ast.parse(path.read_text("utf-8"))
        door = room in ROOTS | {"web"} or (inside and path.stem in DOORS)
        pure = path.stem in PURE_PARTS.get(room or "", set()) | {"rules"}
        if inside and path.stem not in known_files(room or ""):
            yield f"{where}: no such file in a room"
        if where.as_posix() == "jobs/__main__.py":
            yield f"{where}: jobs has no __main__"
        for name in set(imports(tree)):
            for why in wrong(name, path.stem, house, room, door=door, pure=pure):
                yield f"{where}: {why} ({name})"
        for owner, attr in set(attributes(tree)):
            if attr == "commit" and room != "db":
                yield f"{where}: only db.py commits"
            if (owner, attr) in CLOCKS and room != "clock":
                yield f"{where}: only clock.py asks the time"


def wrong(
    name: str, stem: str, house: str, room: str | None, *, door: bool, pure: bool
) -> list[str]:
    """Say everything that is wrong with one imported name."""
    top, target, part = [*name.split("."), "", ""][:3]
    target = target if top == "orchard" else ""
    ranked = room in TIER and target in TIER and target != room
    banned = any(name == ban or name.startswith(ban + ".") for ban in PURE_BANNED)
    measures = room == "bench"
    reasons = {
        "no relative imports": not top,
        "no imports by name": name in BY_NAME and room != "schema",
        "flask only at the doors": top == "flask" and not door,
        "web only at the doors": target == "web" and room != "web" and not door,
        "only cli imports jobs": top == "jobs" and house != "jobs" and room != "cli",
        "jobs know no pages": house == "jobs" and target in {"web"} | ROOTS,
        "nobody imports a root": target in ROOTS and room not in ROOTS,
        "requests only in gateway.py": top == "requests" and stem != "gateway" and not measures,
        "rules are pure": pure and banned,
        f"{room} may not import {target}": ranked and TIER[target] >= TIER[room or ""],
        "another room's door": part in OWN and target not in BASE | {room} and room not in ROOTS,
    }
    return [reason for reason, holds in reasons.items() if holds]


def test_dependencies_point_one_way():
    assert sorted(set(broken())) == []


def test_every_folder_has_a_tier():
    folders = {path.parent.name for path in ROOT.glob("orchard/*/*.py")} - {"migrations"}
    single = {path.stem for path in ROOT.glob("orchard/*.py")} - {"__init__"}
    assert folders <= set(TIER) | ROOTS
    assert single <= BASE - {"web"} | ROOTS


def test_the_top_level_holds_what_the_card_names():
    allowed = {"orchard", "templates", "jobs", "tests", "wsgi.py", "pyproject.toml", "README.md"}
    allowed |= {"requirements.lock", "requirements-test.lock", "LICENSE"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    working = {"orchard-data", "orchard-demo", "dist", "build"}  # made by running it; not tracked
    assert found - working == allowed


def test_files_and_functions_stay_small():
    long = []
    for path in files(ROOT):
        text = path.read_text("utf-8")
        if text.count("\n") > 300:
            long.append(path.name)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > (40 if path.stem.endswith("views") else 50):
                    long.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert long == []


def test_public_functions_say_what_they_do():
    silent = []
    for path in files(ROOT):
        if (
            path.stem not in {"rules", "services", "queries", "gateway"}
            and "jobs" not in path.parts
        ):
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert silent == []


def test_no_page_is_longer_than_180_lines():
    pages = ROOT.glob("templates/**/*.html")
    assert [page.name for page in pages if page.read_text("utf-8").count("\n") > 180] == []


INJECTED = [
    ("orchard/plots/services.py", "import flask", "flask only at the doors"),
    ("orchard/plots/queries.py", "from orchard.web import forms", "web only at the doors"),
    ("orchard/plots/rules.py", "import sqlmodel", "rules are pure"),
    ("orchard/plots/rules.py", "from sqlalchemy.orm import Session", "rules are pure"),
    ("orchard/plots/rules.py", "from orchard import db", "rules are pure"),
    ("orchard/plots/rules.py", "from orchard.clock import now", "rules are pure"),
    ("orchard/weather/acceptance.py", "import requests", "rules are pure"),
    ("orchard/weather/rules.py", "import apscheduler", "rules are pure"),
    ("orchard/plots/services.py", "from orchard.weather import queries", "plots may not import"),
    ("orchard/plots/views.py", "from orchard.tasks.models import Task", "plots may not import"),
    ("orchard/visits/queries.py", "import orchard.hiring.models", "visits may not import hiring"),
    ("orchard/counts/queries.py", "from orchard.overview import rules", "counts may not import"),
    ("orchard/web/forms.py", "from orchard.accounts import rules", "web may not import accounts"),
    ("orchard/ledger.py", "from orchard.places import models", "ledger may not import places"),
    ("orchard/db.py", "from orchard.ledger import Run", "db may not import ledger"),
    ("orchard/tasks/views.py", "from orchard.plots import views", "another room's door"),
    (
        "orchard/tasks/services.py",
        "from orchard.plots.forms import PlotForm",
        "another room's door",
    ),
    ("orchard/tasks/api.py", "from orchard.plots.api import bp", "another room's door"),
    ("orchard/today/views.py", "from orchard.app import create_app", "nobody imports a root"),
    ("orchard/today/views.py", "import orchard.cli", "nobody imports a root"),
    ("orchard/reminders/services.py", "import jobs.schedule", "only cli imports jobs"),
    ("orchard/app.py", "from jobs import runner", "only cli imports jobs"),
    ("jobs/weather.py", "from orchard.web import guard", "jobs know no pages"),
    ("jobs/weather.py", "import orchard.app", "nobody imports a root"),
    ("jobs/weather.py", "import flask", "flask only at the doors"),
    ("jobs/weather.py", "import requests", "requests only in gateway.py"),
    ("jobs/__main__.py", "", "jobs has no __main__"),
    ("orchard/weather/services.py", "import requests", "requests only in gateway.py"),
    ("orchard/plots/queries.py", "from . import models", "no relative imports"),
    ("orchard/plots/queries.py", "from importlib import import_module", "no imports by name"),
    ("orchard/plots/helpers.py", "", "no such file in a room"),
    ("orchard/plots/services.py", "session.commit()", "only db.py commits"),
    ("jobs/tasks.py", "session.commit()", "only db.py commits"),
    ("orchard/plots/services.py", "datetime.now()", "only clock.py asks the time"),
    ("orchard/plots/models.py", "Field(default_factory=datetime.utcnow)", "only clock.py asks"),
    ("orchard/plots/models.py", "field = date.today", "only clock.py asks the time"),
    ("jobs/tasks.py", "import time; time.time()", "only clock.py asks the time"),
]


@pytest.mark.parametrize(("path", "line", "why"), INJECTED, ids=lambda part: part or "empty")
def test_each_violation_is_caught_by_the_rule_meant_for_it(tmp_path, path, line, why):
    bad = tmp_path / path
    bad.parent.mkdir(parents=True)
    bad.write_text(line + "\n", "utf-8")
    assert [found for found in broken(tmp_path) if why in found]
