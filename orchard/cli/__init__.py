"""Composition root of the commands: `orchard ...`; the only package that also imports jobs.

Each command imports what it needs inside, so that `orchard serve` starts fast.
"""

import click
from sqlalchemy.exc import DBAPIError

from orchard import logs, words
from orchard.errors import OrchardError


class Commands(click.Group):
    """Every failure is one clear line and an exit code other than 0."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command and turn expected failures into one line."""
        try:
            return super().invoke(ctx)
        except OrchardError as error:
            raise click.ClickException(words.text("en", error.code, **error.values)) from error
        except DBAPIError as error:
            kind = type(error.orig).__name__
            raise click.ClickException(f"the database refused: {kind}") from error
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from error


@click.group(cls=Commands)
def main() -> None:
    """Orchard: the working tool of a citrus county."""
    logs.set_up()


@main.command("words")
def compile_words() -> None:
    """Compile the catalogues of sentences (writes the .mo beside each .po)."""
    click.echo(f"{words.compile_all()} catalogues compiled")


def _add_commands() -> None:
    from orchard.cli import (
        accounts,
        backup,
        bench,
        counts,
        demo,
        doctor,
        jobs,
        schema,
        serve,
        synth,
        weather,
    )

    for command in (
        accounts.account,
        accounts.token,
        backup.backup,
        backup.restore,
        bench.bench,
        counts.counts,
        demo.demo,
        doctor.doctor,
        jobs.jobs,
        schema.database,
        serve.serve,
        synth.synth,
        weather.weather,
    ):
        main.add_command(command)


_add_commands()
