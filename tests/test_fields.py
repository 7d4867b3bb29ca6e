"""The fields that all rooms share."""

from collections.abc import Iterator

import pytest
from pydantic import TypeAdapter, ValidationError

from orchard.app import create_app
from orchard.fields import Input, SeenVersion, Version


def inputs(of: type[Input] = Input) -> Iterator[type[Input]]:
    """Yield every form and body of the product."""
    for each in of.__subclasses__():
        yield each
        yield from inputs(each)


def test_every_record_may_be_corrected_as_often_as_any_other():
    create_app()  # loads all the rooms
    kept = {
        f"{each.__module__}.{each.__name__}": repr(each.model_fields["version"])
        for each in inputs()
        if "version" in each.model_fields
    }
    assert len(kept) > 15
    assert [name for name, field in kept.items() if "le=1000000000)" not in field] == []


@pytest.mark.parametrize("typed", ["0", "-1", "1000000001", "x", "", True, 1.5, None])
def test_what_is_no_version_is_refused(typed):
    with pytest.raises(ValidationError):
        TypeAdapter(Version).validate_python(typed)


@pytest.mark.parametrize(("typed", "read"), [("1", 1), (1001, 1001), ("1000000000", 1_000_000_000)])
def test_a_version_is_read(typed, read):
    assert TypeAdapter(Version).validate_python(typed) == read
    assert TypeAdapter(SeenVersion).validate_python(typed) == read


def test_what_is_not_stored_yet_is_seen_as_version_0():
    assert TypeAdapter(SeenVersion).validate_python("0") == 0
