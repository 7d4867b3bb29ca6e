"""`orchard backup FILE` and `orchard restore FILE`."""

from pathlib import Path

import click


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write one archive of database and photos, without the keys, while everything runs."""
    from orchard import clock
    from orchard.backup.services import back_up

    made = back_up(file, now=clock.now())
    click.echo(f"{file}: {len(made.sha256)} files at {made.revision}, read back and whole")


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
def restore(file: Path) -> None:
    """Put an archive in the place of the live data; refuses a damaged one and a running server."""
    from orchard import revision
    from orchard.backup.services import restore as put_back

    found = put_back(file)
    click.echo(f"restored what was kept at {found.made_at}; what was there ends in .before-restore")
    if found.revision != revision.head():
        click.echo("it is of an older version: run `orchard db upgrade` before `orchard serve`")
