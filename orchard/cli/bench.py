"""`orchard bench NAME`: what was measured, beside what the work costs at least."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

NAMES = ("attendance", "counts", "pages", "forecasts", "tasks", "uploads")
SMALL, LARGE = 412, 34_500
WORKDAYS = 5_000_000  # issue 3
CREWS = 10  # whose sheets are saved in a round


@click.command("bench")
@click.argument("name", type=click.Choice(NAMES))
@click.option("--json", "as_json", is_flag=True, help="One JSON line.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1, 50))
@click.option("--seconds", default=2.0, show_default=True, help="Length of a throughput round.")
@click.option("--plots", default=LARGE, show_default=True, help="Size of the large county.")
@click.option("--workdays", default=WORKDAYS, show_default=True, type=click.IntRange(1000))
def bench(name: str, as_json: bool, rounds: int, seconds: float, plots: int, workdays: int) -> None:
    """Measure one part of the work; prints also what misses its target.

    Compare only figures of one run, and only as ratios: machines are noisy.
    """
    from orchard import logs, settings

    logs.only_warnings()
    kept = settings.get()
    with TemporaryDirectory(prefix="orchard-bench-") as work:
        settings.use(kept.model_copy(update={"data_dir": Path(work), "database_url": ""}))
        found = _run(name, Path(work), rounds, seconds, plots, workdays)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)


def _run(
    name: str, work: Path, rounds: int, seconds: float, plots: int, workdays: int
) -> dict[str, Any]:
    from orchard.bench import attendance, counts, county, forecasts, pages, tasks, uploads
    from orchard.cli.serve import THREADS

    if name == "attendance":
        import orchard.app  # noqa: F401 - hangs the counts into what is measured

        return attendance.run(work, workdays=workdays, crews=CREWS * rounds)
    if name == "counts":
        return counts.run(work, workdays=workdays, rounds=rounds, count_queries=count_queries)
    if name == "pages":
        doors = [_demonstration(work / "small"), county.build(work / "large", plots)]
        return pages.run(
            doors,
            work,
            threads=THREADS,
            rounds=rounds,
            seconds=seconds,
            count_queries=count_queries,
        )
    if name == "forecasts":
        return forecasts.run(work, plots=plots, rounds=rounds, pull=_job("weather"))
    if name == "tasks":
        return tasks.run(work, plots=plots, rounds=rounds, remind=_job("reminders"))
    return uploads.run(_demonstration(work / "small"), seconds=5 * seconds)


def _job(name: str) -> Callable[[], bool]:
    """Return what runs one job of the schedule now, in this process."""
    from jobs.by_hand import run_now
    from jobs.schedule import SCHEDULE

    row = next(row for row in SCHEDULE if row.name == name)
    return lambda: run_now(row)


def _demonstration(folder: Path) -> Any:
    """Build the demonstration county and return how the bench gets in."""
    from orchard import clock, db
    from orchard.accounts.rules import Role
    from orchard.bench import county
    from orchard.cli.demo import build
    from orchard.demo import services

    county.use(folder)
    build()
    with db.transaction() as session:
        lines = {line.role: line for line in services.sign_ins(session, now=clock.now())}
    technician, grower = lines[Role.TECHNICIAN], lines[Role.GROWER]
    return county.Doors(folder, SMALL, technician.phone, technician.secret, grower.card or "")


def count_queries(folder: Path, path: str, cookie: str) -> int:
    """Return how many statements one request of a warm page sends to the database."""
    from sqlalchemy import Engine, event

    from orchard.app import create_app
    from orchard.bench import county

    county.use(folder)
    client = create_app().test_client(use_cookies=False)
    counted: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SELECT set_config")):
            counted.append(statement)

    client.get(path, headers={"Cookie": cookie})
    event.listen(Engine, "before_cursor_execute", note)
    try:
        status = client.get(path, headers={"Cookie": cookie}).status_code
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    if status != 200:
        raise click.ClickException(f"{path} answered {status} when its queries were counted")
    return len(counted)


def _print(found: dict[str, Any]) -> None:
    for name, value in found.items():
        if name != "targets":
            click.echo(f"{name}: {json.dumps(value, ensure_ascii=False)}")
    for target in found["targets"]:
        bound = f"at most {target['most']}" if "most" in target else f"at least {target['least']}"
        verdict = {True: "met", False: "MISSED", None: "not measured"}[target["met"]]
        click.echo(f"{verdict:<12} {target['name']}: {target['figure']} ({bound})")
