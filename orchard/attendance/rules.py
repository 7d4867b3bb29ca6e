"""When a day may be ticked, corrected, and when heat forbids it."""

from enum import StrEnum


class HeatRule(StrEnum):
    """What the heat of a day does to outdoor work (feature page N12)."""

    STOP = "stop"
    SIX_HOURS = "six_hours"
