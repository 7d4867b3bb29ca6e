"""Varieties and limits are data with a source; a county's plots lie inside it."""

from datetime import date

import pytest

from orchard.errors import FieldRefused
from orchard.places.services import _rows
from orchard.plots.rules import box_of, check_facts, late_varieties, varieties

FACTS = {
    "variety": "chunjin",
    "planted_year": 2014,
    "lat": 31.1,
    "lon": 108.3,
    "county": "500154",
    "today": date(2026, 11, 23),
}


def test_every_variety_has_names_a_source_and_a_confidence():
    assert len(varieties()) >= 10
    for variety in varieties().values():
        assert variety.zh
        assert variety.en.isascii()
        assert variety.source
        assert variety.confidence in {"H", "M", "L"}
        assert variety.ripens in {"early", "mid", "late"}
        assert variety.fruit in {"sweet_orange", "mandarin", "wogan", "unknown"}
        assert all(1 <= month <= 12 for month in variety.picked)


def test_spring_oranges_hang_over_winter():
    assert {"chunjin", "chunqi", "chunxue", "lane_late"} <= late_varieties()
    assert not {"navel", "satsuma", "other"} & late_varieties()


def test_every_town_of_the_county_lies_in_its_box():
    box = box_of("500154")
    for row in _rows("town_points.csv"):
        assert box.holds(float(row["lat"]), float(row["lon"])), row["name"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"variety": "apple"}, "variety"),
        ({"planted_year": 2027}, "planted_year"),
        ({"planted_year": 1899}, "planted_year"),
        ({"lat": None}, "lat"),
        ({"lon": None}, "lon"),
        ({"lat": 29.5}, "lat"),
        ({"lon": 109.0}, "lat"),
        ({"lat": 108.3, "lon": 31.1}, "lat"),
    ],
)
def test_what_no_plot_can_be_is_refused_beside_its_field(values, field):
    with pytest.raises(FieldRefused) as refused:
        check_facts(**{**FACTS, **values})
    assert refused.value.field == field


def test_another_county_takes_the_box_of_the_country():
    check_facts(**{**FACTS, "county": "110101", "lat": 39.9, "lon": 116.4})
