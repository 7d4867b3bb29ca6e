"""Addresses are written as Werkzeug writes them, by code made at the first one."""

from urllib.parse import urlsplit

from flask import url_for
from werkzeug.routing import Map, Rule

from orchard.app import create_app
from orchard.web.addresses import LazyRule
from orchard.web.filters import link

RULES = (
    ("/", "home", {}),
    ("/plots/<uuid:plot_id>", "plot", {"plot_id": "018f3a00-0000-7000-8000-000000000001"}),
    ("/days/<day>/<int:page>", "day", {"day": "2026-11-30 春", "page": 2, "q": "脐 橙", "also": 1}),
    ("/files/<path:name>", "file", {"name": "a/b c.webp"}),
)


def written(kind):
    made = Map([kind(rule, endpoint=name) for rule, name, _values in RULES], converters=None)
    door = made.bind("orchard.example")
    # twice: the second time by what the first has made
    return [[door.build(name, values) for _rule, name, values in RULES] for _time in range(2)]


def test_each_address_is_the_same_as_without():
    assert written(LazyRule) == written(Rule)


def test_a_start_makes_no_code_for_addresses_that_nobody_wrote(sqlite_database):
    app = create_app()
    (rule,) = app.url_map.iter_rules("plots.new")
    assert rule._build_unknown.__name__ == "first"
    with app.test_request_context():
        assert urlsplit(url_for("plots.new", next="/today")).query == "next=/today"
    assert rule._build_unknown.__name__ != "first"


def test_a_link_is_what_url_for_writes(sqlite_database):
    id_ = "018f3a00-0000-7000-8000-000000000001"
    asked = [
        ("plots.new", {}),
        ("plots.new", {"next": "/today"}),
        ("plots.one", {"plot_id": id_}),
        ("plots.edit", {"plot_id": id_, "_anchor": "position"}),
        ("tasks.guide", {"code": "FD", "task": "a.b-1_2", "back": "/today"}),
        ("tasks.guide", {"back": "/today", "code": "FD"}),
        ("visits.new", {"plot_id": id_, "page": 2, "also": None}),
        ("openings.list", {"from": "2026-11-30", "q": "脐 橙", "x": "a&b=c?d#e%"}),
        ("static", {"filename": "orchard.css", "v": "1"}),
    ]
    app = create_app()
    with app.test_request_context():
        for endpoint, values in asked:
            assert link(endpoint, **values) == url_for(endpoint, **values), (endpoint, values)
