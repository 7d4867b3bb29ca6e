"""`orchard demo`: the demonstration county, built once and served."""

from pathlib import Path

import click

LIVING = ("tasks", "reminders")  # jobs that bring the living part to today; none asks outside


@click.command("demo")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--dir", "folder", default="orchard-demo", show_default=True, type=Path)
@click.option("--fresh", is_flag=True, help="Throw the county of the folder away and build anew.")
@click.option("--build-only", is_flag=True, help="Build the county and leave.")
def demo(port: int, folder: Path, fresh: bool, build_only: bool) -> None:
    """Build the demonstration county once; run pages and jobs; print how to sign in."""
    from orchard import logs, settings

    logs.only_warnings()
    chosen = settings.get()
    settings.use(chosen.model_copy(update={"data_dir": folder, "database_url": ""}))
    built_in_s = prepare(fresh)
    if built_in_s:
        click.echo(f"The demonstration county was built in {built_in_s:.1f} s.")
    if not build_only:
        _serve(port)


def prepare(fresh: bool) -> float:
    """Build the county unless it is there; return how many seconds that took."""
    from time import perf_counter

    begun = perf_counter()
    if not _clear(fresh):
        return 0.0
    build()
    return perf_counter() - begun


def _clear(fresh: bool) -> bool:
    """Make room for a new county; False when a complete one stays. Never touches other data."""
    from orchard import db, revision, schema, settings
    from orchard.demo import services

    path = Path(settings.get().url.removeprefix("sqlite:///"))
    if not path.exists() or not revision.current(db.county()):
        return True
    schema.upgrade()
    with db.reading() as session:
        if not services.may_replace(session):
            raise click.ClickException(f"{path} is not a demonstration; choose another --dir")
        if services.is_built(session) and not fresh:
            return False
    db.dispose()
    for part in path.parent.glob(f"{path.name}*"):
        part.unlink()
    return True


def build() -> None:
    """Build the whole county, step by step, each in a transaction of its own."""
    from datetime import timedelta

    from orchard import clock, db, schema
    from orchard.counts.comparing import rebuild
    from orchard.demo import calling, history, living, season, services
    from orchard.places.services import load_places

    schema.upgrade()
    now, today = clock.now(), clock.today()
    before = now - services.OPENED_BEFORE
    with db.transaction() as session:
        services.claim_for_demo(session)
    with db.transaction() as session:
        load_places(session, db.county())
    with db.transaction() as session:
        services.add_cast(session, now=before)
    with db.transaction() as session:
        services.add_land(session, now=before)
    with db.transaction() as session:
        history.add_history(session)
    with db.transaction() as session:
        living.switch_on_unsure_rows(session, now=now - timedelta(living.PAST_DAYS))
    with db.transaction() as session:
        living.plan_the_past(session, today)
    with db.transaction() as session:
        living.settle_the_past(session, today, now=now)
    with db.transaction() as session:
        calling.add_year(session, now=now)
        calling.add_open(session, now=now)
    with db.transaction() as session:
        season.add_season(session, today=today)
        rebuild(session, now=now)
    freshen()
    with db.transaction() as session:
        services.note_built(session, now=now)


def freshen() -> None:
    """Bring the living part to this moment: sample forecast, the day's tasks and reminders."""
    from jobs.by_hand import run_now
    from jobs.schedule import SCHEDULE
    from orchard import clock, db
    from orchard.counts.review import count_waiting
    from orchard.demo.sample import put_sample
    from orchard.places.queries import towns

    with db.transaction() as session:
        put_sample(session, today=clock.today(), now=clock.now())
    with db.transaction() as session:
        for town in towns(session, db.county()):
            count_waiting(session, town.code, clock.today(), now=clock.now())
    for row in SCHEDULE:
        if row.name in LIVING:
            run_now(row)


def _serve(port: int) -> None:
    from orchard.cli import serve

    freshen()
    serve.run("127.0.0.1", port, ready=_say)


def _say(address: str) -> None:
    """Print the address and one sign-in per role; a PIN needs a browser that was let in."""
    from orchard import clock, db
    from orchard.demo import services

    click.echo(f"\nOrchard, demonstration county Kaizhou: {address}   (stop: Ctrl+C)\n")
    with db.transaction() as session:
        lines = services.sign_ins(session, now=clock.now())
    for line in lines:
        way = f"open once: {address}/in/{line.card}" if line.card else "at once"
        click.echo(f"{line.role:<11}{line.name}  {line.phone}  {line.secret:<18} {way}")
    click.echo("\nA card link works once and lets the browser in; then choose any six-digit PIN.")
    click.echo("All people are invented and their numbers stand for nobody.")
