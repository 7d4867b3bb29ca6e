"""A town's season counts: as kept, as recounted, and the covering-index limit in one process."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlmodel import Session

from orchard import clock, db
from orchard.accounts import doors, services
from orchard.accounts.models import Person
from orchard.accounts.rules import Role, SecretKind
from orchard.bench import attendance, county
from orchard.bench.client import latencies_ms
from orchard.bench.figures import Target, mid, p95, told
from orchard.bench.servers import orchard_serve
from orchard.counts import board, periods
from orchard.counts.periods import Period
from orchard.counts.queries import Asked, kept_block, recount
from orchard.synth import names

SMALL = 50_000  # work days of the county whose pages must cost as many statements
# Issue 3, "What must be seen". The limit is told of the whole county, by town; ours of one town.
KEPT_MS, RECOUNT_RATIO, PAGE_MS = 5.0, 2.0, 25.0
SECRETARY_PHONE = 970_000  # above those of the people whom synth invents
PAGES = ("/counts", "/counts/definitions", "/counts/people")
CountQueries = Callable[[Path, str, str], int]

# The idea of bench/limit_counts.py: one wide table, one covering index, one grouped statement.
TABLE = """CREATE TABLE work_day(id INTEGER PRIMARY KEY, person_id INT, employer_id INT, day TEXT,
 season INT, town_id INT, lifted INT, local INT)"""
FILL = """INSERT INTO work_day(person_id, employer_id, day, season, town_id, lifted, local)
 SELECT person.rowid, employer.rowid, workday.day,
  CASE WHEN substr(workday.day, 6, 2) BETWEEN '03' AND '08' THEN 2 * substr(workday.day, 1, 4)
   WHEN substr(workday.day, 6, 2) > '08' THEN 2 * substr(workday.day, 1, 4) + 1
   ELSE 2 * substr(workday.day, 1, 4) - 1 END,
  CAST(substr(hire.workplace_code, 1, 9) AS INT),
  EXISTS (SELECT 1 FROM ours.status_period WHERE person_id = person.id),
  substr(hire.registered_code, 1, 6) = substr(hire.workplace_code, 1, 6)
 FROM ours.workday JOIN ours.hire ON hire.id = workday.hire_id
 JOIN ours.person ON person.id = hire.person_id JOIN ours.employer ON employer.id = hire.employer_id
 WHERE workday.half_days > 0"""
INDEX = "CREATE INDEX wd_cov ON work_day(season, local, town_id, lifted, person_id)"
LIMITS = (  # of the county: persons by town and status, each in one of two ways
    """SELECT town_id, lifted, count(DISTINCT person_id) FROM work_day
 WHERE season = ? AND local = 1 GROUP BY town_id, lifted ORDER BY 1, 2""",
    """SELECT town_id, lifted, count(*) FROM (SELECT DISTINCT town_id, lifted, person_id
 FROM work_day WHERE season = ? AND local = 1) t GROUP BY 1, 2 ORDER BY 1, 2""",
)
TOWN_LIMITS = (  # the same of one town
    """SELECT lifted, count(DISTINCT person_id) FROM work_day
 WHERE season = ? AND local = 1 AND town_id = ? GROUP BY lifted ORDER BY 1""",
    """SELECT lifted, count(*) FROM (SELECT DISTINCT lifted, person_id
 FROM work_day WHERE season = ? AND local = 1 AND town_id = ?) t GROUP BY 1 ORDER BY 1""",
)
RATIOS = {  # which recount stands beside which limit
    "ratio_town": "recount of the town beside the limit of the town",
    "ratio_county": "recount of the county beside the limit of the county",
    "ratio_town_to_county": "recount of the town beside the limit of the county",
}


def run(work: Path, *, workdays: int, rounds: int, count_queries: CountQueries) -> dict[str, Any]:
    """Measure a large county beside the limit, and count the statements of a small one too."""
    attendance.build(work / "small", min(SMALL, workdays))
    small = count_all(work / "small", _secretary(work / "small")[0], count_queries)
    large = work / "large"
    if not (large / "orchard.db").exists():
        attendance.build(large, workdays)
    cookie, town = _secretary(large)
    queries = count_all(large, cookie, count_queries)
    county.use(large)
    span = periods.season_of(clock.today())
    limit = _limit(work / "limit.db", large / "orchard.db")
    facts: dict[str, Any] = {"workdays": workdays, "town": town, "season": span.code}
    facts |= _counts(limit, town, span, rounds)
    limit.close()
    facts["page"] = _page(large, cookie)
    facts["queries"] = {"small": small, "large": queries}
    targets = [
        Target("a town's season as kept, p50 ms", facts["kept_ms"], most=KEPT_MS),
        Target("what is kept less what is recounted", facts["differences"], most=0),
        *(Target(name, facts[key], most=RECOUNT_RATIO) for key, name in RATIOS.items()),
        Target("counts page, p50 ms", facts["page"]["p50_ms"], most=PAGE_MS),
        Target("statements more in the larger county", _more(small, queries), most=0),
    ]
    return told("counts", facts, targets)


def _secretary(folder: Path) -> tuple[str, str]:
    """Make a secretary of the town with most hires; return her cookie and the town."""
    county.use(folder)
    now, phone = clock.now(), names.phone(SECRETARY_PHONE)
    with db.transaction() as session:
        town = attendance.busiest_town(session)
        _open(session, phone, town)
    opened = county.Doors(folder, 0, phone, county.TYPED["password"], "")
    with orchard_serve(folder, ORCHARD_NOW=now.isoformat()) as running:
        return county.technician(running.port, opened), town


def _open(session: Session, phone: str, town: str) -> None:
    now = clock.now()
    person = Person(name="测量员", phone=phone, village_code=None, created_at=now)
    session.add(person)
    session.flush()
    account = services.open_account(session, person, phone, now=now)
    services.grant(session, account, Role.SECRETARY, place_code=town, now=now)
    hashed = doors.hash_secret(county.TYPED["password"])
    doors.set_secret(session, account, hashed, SecretKind.PASSWORD, now=now, but=None)


def count_all(folder: Path, cookie: str, count_queries: CountQueries) -> dict[str, int]:
    """Return how many statements each page sends."""
    return {page: count_queries(folder, page, cookie) for page in PAGES}


def _more(small: dict[str, int], large: dict[str, int]) -> float:
    return float(max(large[page] - small[page] for page in PAGES))


def _limit(path: Path, ours: Path) -> sqlite3.Connection:
    """Return the limit's database, filled with the work days of our county."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("cache_size=-262144", "mmap_size=2147483648", "temp_store=memory"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("ATTACH ? AS ours", (str(ours),))
    for statement in (TABLE, "BEGIN", FILL, INDEX, "COMMIT", "ANALYZE main"):
        connection.execute(statement)
    return connection


def _counts(limit: sqlite3.Connection, town: str, span: Period, rounds: int) -> dict[str, Any]:
    """Measure by turns: kept, recounted for the town and for the county, and both limits."""
    season = 2 * span.first.year + (span.first.month > 8)
    kept, page, towns, whole, town_least, least = [], [], [], [], [], []
    asked, everywhere = (Asked(place, span.first, span.last) for place in (town, db.county()))
    for _ in range(rounds):
        kept += [_ms(kept_block, span.code, town) for _ in range(20)]
        page += [_ms(board.town_board, town, span, clock.today()) for _ in range(20)]
        towns.append(_ms(recount, asked))
        whole.append(_ms(recount, everywhere))
        told = season, int(town)
        town_least.append(min(_limit_ms(limit, each, *told) for each in TOWN_LIMITS))
        least.append(min(_limit_ms(limit, each, season) for each in LIMITS))
    with db.reading() as session:
        true = recount(session, asked).total.told()
        differences = int(kept_block(session, span.code, town).told() != true)
    return {
        "persons": true["persons"],
        "hires": true["hires"],
        "kept_ms": mid(kept, 3),
        "board_ms": mid(page),
        "recount_town_ms": mid(towns, 4),
        "recount_county_ms": mid(whole, 4),
        "limit_town_ms": mid(town_least, 4),
        "limit_county_ms": mid(least, 4),
        "ratio_town": _ratio(towns, town_least),
        "ratio_county": _ratio(whole, least),
        "ratio_town_to_county": _ratio(towns, least),
        "differences": differences,
    }


def _ratio(ours: list[float], least: list[float]) -> float:
    return round(mid(ours, 4) / mid(least, 4), 2)


def _ms(act: Callable[..., Any], *asked: Any) -> float:
    begun = perf_counter()
    with db.reading() as session:
        act(session, *asked)
    return (perf_counter() - begun) * 1000


def _limit_ms(connection: sqlite3.Connection, statement: str, *told: int) -> float:
    begun = perf_counter()
    connection.execute(statement, told).fetchall()
    return (perf_counter() - begun) * 1000


def _page(folder: Path, cookie: str) -> dict[str, float]:
    """Ask a running server for the page again and again; no job runs beside it."""
    with orchard_serve(folder, "/counts", cookie, ORCHARD_NOW=clock.now().isoformat()) as running:
        taken = latencies_ms(running.port, "/counts", cookie, 100)
    return {"p50_ms": mid(taken), "p95_ms": p95(taken)}
