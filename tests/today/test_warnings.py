"""What a morning says of frost: to each plot its own, with its fruit and what helps."""

from datetime import timedelta

import pytest

from orchard import clock, db
from tests import make
from tests.today.opened import today
from tests.weather import answers
from tests.weather.corpus import apply

TODAY = make.NOW.date()


def frost_of(points, **varieties):
    """Return the banner of a grower with a plot at each point; it freezes at B."""
    with db.transaction() as session:
        who, token = make.signed_in(session)
        for label in points:
            lat, lon, height = apply.ASKED[label]
            facts = {"lat": lat, "lon": lon, "elevation_m": int(height)}
            variety = varieties.get(label, "chunjin")
            make.plot(session, who, name=f"地{label}", variety=variety, **facts)
    with clock.frozen_at(answers.NOW):
        answers.pull_good(points, answers.NOW)
        text = today(token)
    return text.partition('<section class="notice frost"')[2].partition("</section>")[0]


@pytest.mark.parametrize(
    ("a", "b", "harmed"), [("other", "chunjin", True), ("chunjin", "other", False)]
)
def test_a_frost_harms_the_fruit_of_the_plots_where_it_comes(database, a, b, harmed):
    assert ("树上的果会冻伤" in frost_of("AB", A=a, B=b)) is harmed


@pytest.mark.parametrize(("points", "named"), [("AB", True), ("B", False)])
def test_a_warning_names_its_plots_and_leads_to_what_helps(database, points, named):
    warning = frost_of(points)
    assert "霜冻提醒：11月26日 -3 度" in warning
    assert ("地块：地B。" in warning) is named
    assert 'href="/guide/FD?back=/today">看怎么防霜' in warning


def test_a_hard_frost_is_not_said_of_plots_where_it_is_light(database):
    """Plots of one grower lie at four heights: one night is hard, light, light and mild there."""
    tomorrow = TODAY + timedelta(days=1)
    with db.transaction() as session:
        who, token = make.signed_in(session)
        low, middle, high, _ = (
            make.plot(session, who, name=f"{height}米", elevation_m=height)
            for height in (300, 600, 900, 1200)
        )
        for plot, level in ((low, 1), (middle, 1), (high, 3)):
            answers.foretell(session, plot.cell, level, on=tomorrow, at=make.NOW)
    with clock.frozen_at(make.NOW):
        text = today(token)
    banners = text.split('<section class="notice frost"')[1:]
    assert len(banners) == 2
    hard, light = (banner.partition("</section>")[0] for banner in banners)
    assert "-3 度" in hard
    assert "地块：900米。" in hard
    assert "-1 度" in light
    assert "地块：300米、600米。" in light
