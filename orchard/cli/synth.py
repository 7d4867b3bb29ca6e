"""`orchard synth`: an invented county of any size."""

import click


@click.command("synth")
@click.option("--plots", default=34_500, show_default=True, type=click.IntRange(0, 500_000))
@click.option("--people", default=27_600, show_default=True, type=click.IntRange(0, 900_000))
@click.option("--employers", default=200, show_default=True, type=click.IntRange(0, 50_000))
@click.option("--workdays", default=0, show_default=True, type=click.IntRange(0))
@click.option("--seed", default=1, show_default=True)
def synth(plots: int, people: int, employers: int, workdays: int, seed: int) -> None:
    """Fill an empty database with a synthetic county of that size."""
    from orchard import clock, db, schema
    from orchard.counts.comparing import rebuild
    from orchard.places.services import load_places
    from orchard.synth.services import Size, fill
    from orchard.synth.work import fill_work

    if workdays and not (people and employers):
        raise click.UsageError("work days need people and employers")
    if plots and not people + employers:
        raise click.UsageError("plots need somebody who works them")
    schema.upgrade()
    with db.transaction() as session:
        load_places(session, db.county())
    with db.transaction() as session:
        made = fill(
            session, db.county(), Size(plots, people, employers), seed=seed, now=clock.now()
        )
    if workdays:
        made |= fill_work(workdays, seed=seed, now=clock.now())
        with db.transaction() as session:
            rebuild(session, now=clock.now())
            db.weigh(session)
    click.echo(" ".join(f"{name}={count}" for name, count in made.items()))
