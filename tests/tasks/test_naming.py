"""Names that rooms above give to technicians' tasks."""

from types import SimpleNamespace

from orchard.tasks import naming


def test_a_name_that_was_given_is_asked_for_once_and_a_missing_one_again(monkeypatch):
    asked = []

    def namer(_session, wanted):
        asked.append(set(wanted))
        return {each: f"name of {each}" for each in wanted if each != "gone"}

    monkeypatch.setattr(naming, "namers", [namer])
    monkeypatch.setattr(naming, "_known", {})
    calendar = SimpleNamespace(code="QY1", occurrence="2026-1")
    a, b, gone = (SimpleNamespace(code="RX", occurrence=name) for name in ("a", "b", "gone"))
    assert naming.given_names(None, [calendar]) == {}
    assert naming.given_names(None, [calendar, a]) == {"a": "name of a"}
    assert naming.given_names(None, [a, b, gone]) == {"a": "name of a", "b": "name of b"}
    assert naming.given_names(None, [a, b]) == {"a": "name of a", "b": "name of b"}
    assert naming.given_names(None, [gone]) == {}
    assert asked == [{"a"}, {"b", "gone"}, {"gone"}]
