"""`orchard jobs list | run NAME | work`."""

import json
from typing import Any

import click


@click.group()
def jobs() -> None:
    """What runs by itself: look at it, run one job now, or run only the jobs."""


@jobs.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show(as_json: bool) -> None:
    """Print the schedule with last run, result and next run, in local time."""
    from orchard import settings

    rows = [row for code in settings.get().counties for row in _county(code)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        last = f"{row['last_run']} {row['result']} {row['counts']}" if row["last_run"] else "never"
        click.echo(f"{row['county']} {row['job']:<14} next {row['next_run']}  last {last}".rstrip())


def _county(code: str) -> list[dict[str, Any]]:
    from jobs.schedule import SCHEDULE
    from orchard import clock, db, ledger

    now = clock.now()
    with db.in_county(code), db.reading() as session:
        last = ledger.last_runs(session, [row.name for row in SCHEDULE])
    found = []
    for row in SCHEDULE:
        run = last.get(row.name)
        found.append(
            {
                "county": code,
                "job": row.name,
                "next_run": _local(row.next_slot(now)),
                "last_run": _local(run.started_at) if run else None,
                "result": run.state.value if run else None,
                "counts": (run.error or run.counts) if run else "",
            }
        )
    return found


def _local(moment: Any) -> str:
    from orchard import clock

    return clock.local(moment).strftime("%Y-%m-%d %H:%M:%S")


@jobs.command()
@click.argument("name")
@click.option("--county", help="One county only, where several are served.")
def run(name: str, county: str | None) -> None:
    """Run one job now, whatever slot has run; unique keys keep that harmless."""
    from jobs.by_hand import run_now
    from jobs.schedule import SCHEDULE, named
    from orchard import db, settings

    row = named(name)
    if row is None:
        known = ", ".join(each.name for each in SCHEDULE)
        raise click.ClickException(f"no job is named {name}; there are: {known}")
    failed = []
    for code in [county] if county else settings.get().counties:
        with db.in_county(code):
            require_clock_may_stand()
            if not run_now(row):
                failed.append(code)
    if failed:
        raise click.ClickException(f"{name} failed in {', '.join(failed)}; see the log line above")


@jobs.command()
def work() -> None:
    """Run only the jobs, until the process is told to end; any number of processes may."""
    from jobs import runner
    from orchard import revision, settings

    if settings.get().now:
        raise click.ClickException("ORCHARD_NOW is set: use `orchard jobs run NAME`")
    revision.require_current()
    runner.work(runner.Runner())


def require_clock_may_stand() -> None:
    """Refuse ORCHARD_NOW in the county in force unless it is a demonstration or a test."""
    from orchard import db, ledger, settings

    if settings.get().now:
        with db.reading() as session:
            ledger.require_may_freeze(session)
