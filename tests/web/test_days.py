"""A day is typed as 2026-11-24: a number is no day, in whatever room it is sent."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from orchard.counts.forms import SpanForm
from orchard.fields import Day, Input, OptionalDay
from orchard.hiring.forms import EndHireForm, StepForm
from orchard.tasks.forms import PostponeForm
from orchard.visits.forms import AdviceForm, DayOffForm, RecordForm, VisitDayForm, VisitRecordBody
from orchard.wages.forms import AdvanceForm, LineBody, PaymentBody, RateForm, ReckonForm, SettleForm

SECONDS = "1795478400"  # of 2026-11-24, if taken since 1970
WRITTEN = ["2026-11-24", " 2026-11-24 ", "２０２６-11-24", date(2026, 11, 24)]


@pytest.mark.parametrize(
    "typed", ["2026-11-24", " 2026-11-24 ", "２０２６-11-24", date(2026, 11, 24)]
)
def test_a_day_is_read_as_it_is_written(typed):
    assert TypeAdapter(Day).validate_python(typed) == date(2026, 11, 24)
    assert TypeAdapter(OptionalDay).validate_python(typed) == date(2026, 11, 24)


@pytest.mark.parametrize("typed", [SECONDS, int(SECONDS), "2026-11-24T00:00", "24.11.2026", True])
def test_a_number_or_moment_is_no_day(typed):
    for kind in (Day, OptionalDay):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(typed)


def test_only_an_optional_day_may_be_left_empty():
    assert TypeAdapter(OptionalDay).validate_python(" ") is None
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(" ")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (VisitDayForm, "on_day"),
        (DayOffForm, "on_day"),
        (AdviceForm, "due_on"),
        (VisitRecordBody, "visited_on"),
        (RecordForm, "visited_on"),
        (RecordForm, "due_on_1"),
        (RecordForm, "due_on_3"),
        (PostponeForm, "to"),
        (EndHireForm, "ended_on"),
        (StepForm, "on_day"),
        (RateForm, "from_on"),
        (ReckonForm, "from_on"),
        (ReckonForm, "to_on"),
        (SettleForm, "until"),
        (SettleForm, "paid_on"),
        (AdvanceForm, "paid_on"),
        (LineBody, "worked_on"),
        (PaymentBody, "paid_on"),
        (PaymentBody, "until"),
        (SpanForm, "from"),
        (SpanForm, "to"),
    ],
)
@pytest.mark.parametrize("typed", [SECONDS, int(SECONDS)])
def test_no_form_takes_seconds_for_a_day(form: type[Input], field: str, typed: object):
    with pytest.raises(ValidationError) as refused:
        form.model_validate({field: typed})
    wrong = {fault["loc"][0]: fault["type"] for fault in refused.value.errors()}
    assert wrong[field] == "web.form.day"
