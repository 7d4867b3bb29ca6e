"""What may be typed or tapped about a task."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from orchard.fields import Day, Input, wrong
from orchard.tasks.models import POSTPONE_REASONS, SKIP_REASONS, Reason


def _why_later(reason: Reason) -> Reason:
    if reason not in POSTPONE_REASONS:
        raise wrong("web.form.enum")
    return reason


def _why_not(reason: Reason) -> Reason:
    if reason not in SKIP_REASONS:
        raise wrong("web.form.enum")
    return reason


class PostponeForm(Input):
    """To which day, and why."""

    to: Day
    reason: Annotated[Reason, AfterValidator(_why_later)]


class SkipForm(Input):
    """Why a task is left out."""

    reason: Annotated[Reason, AfterValidator(_why_not)]


class SwitchForm(Input):
    """A row of the calendar, on or off."""

    state: Literal["on", "off"]
