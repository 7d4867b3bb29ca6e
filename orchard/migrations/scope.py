"""Whether the run at hand covers shared tables, a county's own, or (on SQLite) both."""

from alembic import op


def covers(scope: str) -> bool:
    """Say whether the tables of a scope are migrated in this run."""
    found = op.get_context().config
    return found is not None and found.attributes["target"].scope in ("all", scope)
