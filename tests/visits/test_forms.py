"""What the forms of a visit take before any rule is asked."""

import pytest

from orchard.visits.forms import RecordForm, VisitRecordBody


@pytest.mark.parametrize("form", [RecordForm, VisitRecordBody])
def test_a_record_may_be_corrected_more_than_a_thousand_times(form):
    typed = {"visited_on": "2026-11-23", "diagnosis": "red_mite"}
    version = 1001 if form is VisitRecordBody else "1001"
    assert form.model_validate({**typed, "version": version}).version == 1001
