"""Reminders: filled by the room that owns the tables."""

revision = "0006_reminders"
down_revision = "0005_tasks"


def upgrade() -> None:
    return


def downgrade() -> None:
    return
