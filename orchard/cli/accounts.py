"""`orchard account add`, `orchard token`: first accounts, and programs that act for one."""

from uuid import UUID

import click

ROLES = ("grower", "worker", "technician", "manager", "secretary", "district")


@click.group("account")
def account() -> None:
    """First accounts; later ones are invited on the page of the town."""


@account.command()
@click.option("--name", required=True, help="Name of the person.")
@click.option("--phone", required=True, help="Phone number; one phone, one account.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--place", help="Code of the place (6, 9 or 12 digits); the county unless given.")
@click.option("--employer", type=click.UUID, help="Id of the employer, for managers and workers.")
@click.option(
    "--url", default="http://127.0.0.1:8000", show_default=True, help="Address of the pages."
)
@click.option("--county", help="Which county, where several are served.")
def add(
    name: str,
    phone: str,
    role: str,
    place: str | None,
    employer: UUID | None,
    url: str,
    county: str | None,
) -> None:
    """Open an account, or add a role to it, and print a one-time sign-in link."""
    from orchard import clock, db
    from orchard.accounts import founding

    code = _county(county)
    with db.in_county(code), db.transaction() as session:
        asked = founding.Founding(name, phone, role, place or code, employer)
        secret = founding.found(session, asked, now=clock.now())
    click.echo(f"{url.rstrip('/')}/in/{_link(code, secret)}")


@click.command("token")
@click.argument("phone")
@click.option("--county", help="Which county, where several are served.")
def token(phone: str, county: str | None) -> None:
    """Print a bearer token for the JSON interface, with the rights of the account."""
    from orchard import clock, db
    from orchard.accounts import founding

    code = _county(county)
    with db.in_county(code), db.transaction() as session:
        secret = founding.make_token(session, phone, now=clock.now())
    click.echo(f"{code}.{secret}")


def _county(asked: str | None) -> str:
    from orchard import settings

    counties = settings.get().counties
    if asked is None and len(counties) > 1:
        raise click.ClickException(f"choose one with --county: {', '.join(counties)}")
    if asked is not None and asked not in counties:
        raise click.ClickException(f"{asked} is not served here")
    return asked or counties[0]


def _link(code: str, secret: str) -> str:
    from orchard import settings

    return f"{code}.{secret}" if len(settings.get().counties) > 1 else secret
