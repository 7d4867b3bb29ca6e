"""Tasks: filled by the room that owns the tables."""

revision = "0005_tasks"
down_revision = "0004_weather"


def upgrade() -> None:
    return


def downgrade() -> None:
    return
