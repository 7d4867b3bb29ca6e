"""`orchard doctor`: one line each, ok or what to do."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from orchard.health.queries import Facts


class Finding(NamedTuple):
    """What one look found: which part, whether it is well, and a sentence."""

    part: str
    is_well: bool
    says: str


@click.command("doctor")
def doctor() -> None:
    """Look at settings, database, schema, forecasts, scheduler and channels; say what to do."""
    found = list(look())
    for finding in found:
        click.echo(f"{'ok ' if finding.is_well else 'BAD'} {finding.part}: {finding.says}")
    ill = sum(not finding.is_well for finding in found)
    if ill:
        raise click.ClickException(f"{ill} of {len(found)} need a hand")


def look() -> Iterator[Finding]:
    """Yield what was found, the foundations first; what stands on a bad one is left out."""
    yield _settings()
    from orchard import db, settings

    for code in settings.get().counties:
        name = f" {code}" if len(settings.get().counties) > 1 else ""
        for part, check in (("database", _database), ("schema", _schema)):
            with db.in_county(code):
                finding = _guarded(f"{part}{name}", check)
            yield finding
            if not finding.is_well:
                break
        else:
            with db.in_county(code):
                yield from _running(name)
    yield _channels()


def _guarded(part: str, check: Callable[[str], Finding]) -> Finding:
    """Turn what a database refuses into a finding: doctor never breaks off."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return check(part)
    except SQLAlchemyError as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        return Finding(part, False, f"it does not answer ({kind}); check ORCHARD_DATABASE_URL")


def _settings() -> Finding:
    from orchard import settings

    known = {f"ORCHARD_{name.upper()}" for name in settings.Settings.model_fields}
    strange = [name for name in os.environ if name.startswith("ORCHARD_")]
    tests_own = ("ORCHARD_TEST_", "ORCHARD_CAMPAIGN_")
    strange = sorted(name for name in set(strange) - known if not name.startswith(tests_own))
    if strange:
        return Finding("settings", False, f"no such setting: {', '.join(strange)}")
    chosen = settings.get()
    folder = chosen.data_dir.resolve()
    if folder.exists() and not os.access(folder, os.W_OK):
        return Finding("settings", False, f"{folder} cannot be written; check its owner")
    if chosen.now:
        return Finding("settings", True, f"ORCHARD_NOW stands still at {chosen.now.isoformat()}")
    return Finding("settings", True, f"data in {folder}, weather from {chosen.weather_url}")


def _database(part: str) -> Finding:
    from pathlib import Path

    from sqlalchemy.engine import make_url

    from orchard import db

    url = make_url(db.url_for(db.county()))
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return Finding(part, False, f"{url.database} is not there yet; run `orchard db upgrade`")
    with db.reading() as session:
        session.connection()
    shown = url.render_as_string(hide_password=True)
    return Finding(part, True, f"{shown} answers")


def _schema(part: str) -> Finding:
    from orchard import db, revision

    current, head = revision.current(db.county()), revision.head()
    if current == head:
        return Finding(part, True, f"at {head}")
    if current in revision.known() or not current:
        return Finding(part, False, f"at {current or 'nothing'}; run `orchard db upgrade`")
    return Finding(part, False, f"at {current}, which is newer than this program ({head})")


def _running(name: str) -> Iterator[Finding]:
    from orchard import clock, db
    from orchard.health.queries import facts

    with db.reading() as session:
        state = facts(session, clock.now())
    yield _forecasts(name, state)
    says = _of_jobs(state)
    yield Finding(f"scheduler{name}", state.jobs_ok and not state.failed_24h, says)


def _of_jobs(state: "Facts") -> str:
    """Say how the jobs are, each ill with what to do against it."""
    if state.last_run_s is None:
        return "never ran; start `orchard serve` or `orchard jobs work`"
    says = f"last run {_age(state.last_run_s)} ago, {state.failed_24h} failed in 24 h"
    if state.unclaimed:
        says += f", due and run by nobody: {', '.join(state.unclaimed)}"
    if state.hung:
        says += f", running far too long: {', '.join(state.hung)}"
    if not state.jobs_ok:
        says += f"; {'end and ' if state.hung else ''}start `orchard serve` or `orchard jobs work`"
    if state.failed_24h:
        says += "; see `orchard jobs list`"
    return says


def _forecasts(name: str, state: "Facts") -> Finding:
    part, without, oldest_s = f"forecasts{name}", state.cells_without, state.oldest_forecast_s
    if not state.plots:
        return Finding(part, True, "no plots yet, none needed")
    if oldest_s is None or without:
        says = f"{without} cells have none; run `orchard jobs run weather` and read its line"
        return Finding(part, False, says)
    if state.forecast_is_old:
        says = f"the oldest is {_age(oldest_s)} old; run `orchard jobs run weather`"
        return Finding(part, False, says)
    return Finding(part, True, f"the oldest is {_age(oldest_s)} old")


def _channels() -> Finding:
    from orchard import settings
    from orchard.reminders.rules import CHANNELS

    names = ", ".join(channel.value for channel in CHANNELS)
    if settings.get().notify_urls:
        says = f"{names}; ORCHARD_NOTIFY_URLS is set, but this version sends nothing outside"
        return Finding("channels", False, says)
    return Finding("channels", True, names)


def _age(seconds: float) -> str:
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
