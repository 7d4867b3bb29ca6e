"""Forecasts: filled by the room that owns the tables."""

revision = "0004_weather"
down_revision = "0003_plots"


def upgrade() -> None:
    return


def downgrade() -> None:
    return
