"""The direction rules of the house, executable."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture_cases import ALLOWED, INJECTED
from tests.reach import attributes, imports, statements, strings, used

ROOT = Path(__file__).parent.parent

TIERS = [
    {"errors", "ids", "settings", "words", "logs"},
    {"clock", "turns", "units"},
    {"fields", "paging", "prepared", "tables", "timetable"},
    {"db"},
    {"ledger", "revision", "web"},
    {"overdue", "schema"},
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
        *["reckoning", "sealing", "shapes", "sheet", "work_views"],
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
    "counts": {
        "board",
        "comparing",
        "course",
        "people",
        "people_api",
        "people_views",
        "records",
        "review",
        "shapes",
        "shown",
    },
    "attendance": {"heat", "review"},
    "hiring": {
        *["checks", "crews", "directory", "doubles", "employers", "listing", "openings", "people"],
        *["places", "roster", "status"],
        *["employer_api", "employer_views", "hire_api", "hire_views", "people_api"],
        *["people_views", "status_views"],
    },
    "reminders": {"arrivals", "frost"},
    "tasks": {"dates", "events", "naming", "planning", "switching"},
    "weather": {"stored"},
    "visits": {
        *["advice_views", "aftercare", "desk", "desk_api", "desk_shapes", "desk_views", "diary"],
        *["figures", "images", "office_views", "photos", "recording", "reports", "shapes"],
        *["sight", "steps"],
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
# Durations are taken with monotonic and perf_counter, which tell no time.
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
CLOCKS |= {("time", "time"), ("time", "time_ns")}
ASKS = {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"}
ASKS |= {"datetime.date.today", "time.time", "time.time_ns", "time.clock_gettime"}
ASKS |= {"time.localtime", "time.gmtime", "time.ctime", "time.asctime"}
NETWORK = {"requests", "urllib3", "urllib.request", "http.client", "httpx", "aiohttp", "smtplib"}
DRIVERS = {"sqlite3", "psycopg"}
AT_DRIVERS = {"db", "prepared", "backup", "bench"}  # they hold connections of their own
ENGINES = {"create_engine", "engine_from_config", "create_async_engine"}
ENDS = re.compile(r"\s*(BEGIN|START|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)\b", re.I)
COUNTY_PLACE = re.compile(r"search_path|\bcounty_($|\d)")
# Who may put a county in force: what comes in from outside. Everything else is inside one.
CHOOSERS = {"db", "revision", "schema", "health", "bench"} | ROOTS
CHOOSING_FILES = {"jobs/runner.py", "jobs/attempt.py", "orchard/accounts/card_views.py"}


def known_files(room: str) -> set[str]:
    return ROOM_FILES | PURE_PARTS.get(room, set()) | OTHER_PARTS.get(room, set())


def files(root: Path) -> Iterator[Path]:
    for path in sorted([*root.glob("orchard/**/*.py"), *root.glob("jobs/**/*.py")]):
        if "migrations" not in path.parts:
            yield path


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
        yield from (f"{where}: {why}" for why in misused(tree, where.as_posix(), room))


def misused(tree: ast.AST, where: str, room: str | None) -> Iterator[str]:
    """Say what one file does that one place does for all."""
    names, attrs = {*used(tree), *imports(tree)}, set(attributes(tree))
    called = {name.rpartition(".")[2] for name in names}
    chooses = room in CHOOSERS or where in CHOOSING_FILES
    commits = room != "db" and any(attr == "commit" for _, attr in attrs)
    ends = room not in AT_DRIVERS and any(map(ENDS.match, statements(tree)))
    reasons = {
        "only clock.py asks the time": room != "clock" and bool(names & ASKS or attrs & CLOCKS),
        "only db.py commits": commits or ends,
        "only db.py makes engines": room != "db" and bool(called & ENGINES),
        "only db.py knows a county's place": room != "db"
        and any(map(COUNTY_PLACE.search, strings(tree))),
        "only the edges choose a county": not chooses and "in_county" in called,
    }
    yield from (reason for reason, holds in reasons.items() if holds)


def wrong(
    name: str, stem: str, house: str, room: str | None, *, door: bool, pure: bool
) -> list[str]:
    """Say everything that is wrong with one imported name."""
    top, target, part = [*name.split("."), "", ""][:3]
    target = target if top == "orchard" else ""
    ranked = room in TIER and target in TIER and target != room
    banned = reaches(name, PURE_BANNED)
    measures = room == "bench"
    reasons = {
        "no relative imports": not top,
        "no imports by name": name in BY_NAME and room != "schema",
        "flask only at the doors": top == "flask" and not door,
        "web only at the doors": target == "web" and room != "web" and not door,
        "only cli imports jobs": top == "jobs" and house != "jobs" and room != "cli",
        "jobs know no pages": house == "jobs" and target in {"web"} | ROOTS,
        "nobody imports a root": target in ROOTS and room not in ROOTS,
        "network only in gateway.py": reaches(name, NETWORK) and stem != "gateway" and not measures,
        "drivers only in db.py": reaches(name, DRIVERS) and room not in AT_DRIVERS,
        "rules are pure": pure and banned,
        f"{room} may not import {target}": ranked and TIER[target] >= TIER[room or ""],
        "another room's door": part in OWN and target not in BASE | {room} and room not in ROOTS,
    }
    return [reason for reason, holds in reasons.items() if holds]


def reaches(name: str, modules: set[str]) -> bool:
    return any(name == one or name.startswith(one + ".") for one in modules)


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


@pytest.mark.parametrize(("path", "line", "why"), INJECTED, ids=lambda part: part or "empty")
def test_each_violation_is_caught_by_the_rule_meant_for_it(tmp_path, path, line, why):
    bad = tmp_path / path
    bad.parent.mkdir(parents=True)
    bad.write_text(line + "\n", "utf-8")
    assert [found for found in broken(tmp_path) if why in found]


@pytest.mark.parametrize(("path", "line"), ALLOWED, ids=lambda part: part)
def test_what_has_its_place_is_not_caught_there(tmp_path, path, line):
    good = tmp_path / path
    good.parent.mkdir(parents=True)
    good.write_text(line + "\n", "utf-8")
    assert list(broken(tmp_path)) == []
