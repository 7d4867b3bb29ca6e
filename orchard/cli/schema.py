"""`orchard db upgrade | check`."""

import click


@click.group("db")
def database() -> None:
    """Migrate the database; prove that schema and models agree."""


@database.command()
@click.option("--to", default="head", help="Revision to go to; the newest unless given.")
def upgrade(to: str) -> None:
    """Bring the database to the newest revision and load the county's places."""
    from orchard import db, revision, schema, settings
    from orchard.places.services import load_places

    schema.upgrade(to)
    if to == "head":
        for code in settings.get().counties:
            with db.in_county(code), db.transaction() as session:
                load_places(session, code)
    click.echo(f"schema is at {revision.current(settings.get().counties[0])}")


@database.command()
def check() -> None:
    """Fail unless revision, schema and models agree."""
    from orchard import revision, schema, settings

    for code in settings.get().counties:
        current, head = revision.current(code), revision.head()
        if current != head:
            raise click.ClickException(f"{code}: schema is at {current or 'nothing'}, not {head}")
        found = schema.differences(code)
        if found:
            raise click.ClickException(f"{code}: {len(found)} differences, first: {found[0]!r}")
    click.echo("schema and models agree")
