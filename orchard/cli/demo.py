"""`orchard demo`: the demonstration county, built once and served."""

from pathlib import Path

import click


@click.command("demo")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--dir", "folder", default="orchard-demo", show_default=True, type=Path)
@click.option("--fresh", is_flag=True, help="Throw the county of the folder away and build anew.")
@click.option("--build-only", is_flag=True, help="Build the county and leave.")
def demo(port: int, folder: Path, fresh: bool, build_only: bool) -> None:
    """Build the demonstration county once; run pages and jobs; print how to sign in."""
    from orchard import settings

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
    from orchard import db, schema, settings
    from orchard.demo import services

    path = Path(settings.get().url.removeprefix("sqlite:///"))
    if not path.exists() or not schema.current(db.county()):
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
    from orchard import clock, db, schema
    from orchard.demo import services
    from orchard.places.services import load_places

    schema.upgrade()
    now = clock.now()
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
        services.note_built(session, now=now)


def _serve(port: int) -> None:
    from orchard.cli import serve

    serve.run("127.0.0.1", port)
