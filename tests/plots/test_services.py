"""Registering, correcting, giving up: once, by whom it belongs to, with every version kept."""

import json

import pytest
from sqlmodel import func, select

from orchard.accounts.rules import Role
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from orchard.places.rules import cell_of
from orchard.plots import queries, services
from orchard.plots.models import Plot, PlotChange
from tests import make
from tests.plots.filling import TODAY, facts, register


def correct(session, caller, plot, version=1, **values):
    return services.correct_plot(
        session, caller, plot.id, facts(**values), version=version, now=make.NOW, today=TODAY
    )


def end(session, caller, plot, version=1):
    services.end_plot(session, caller, plot.id, version=version, now=make.NOW, today=TODAY)


def test_a_plot_without_a_position_takes_its_towns_point(session):
    plot = register(session, make.caller(session))
    town = queries.town_of(plot.village_code)
    from orchard.places.queries import place

    point = place(session, town)
    assert (plot.cell_lat, plot.cell_lon, plot.cell_elevation_m) == (
        point.lat,
        point.lon,
        point.elevation_m,
    )
    assert plot.cell == cell_of(point.lat, point.lon, point.elevation_m)
    assert not plot.has_own_position


def test_an_own_position_and_elevation_make_the_cell(session):
    grower = make.caller(session)
    plot = register(session, grower, lat=31.2, lon=108.4, elevation_m=512)
    assert plot.cell == cell_of(31.2, 108.4, 512)
    moved = correct(session, grower, plot, lat=31.2, lon=108.4)
    assert moved.cell_elevation_m == 183


def test_upper_rooms_follow_what_something_is_worked_out_from(session, monkeypatch):
    told = []
    monkeypatch.setattr(
        services, "after_change", [lambda s, plot, today: told.append((s, plot.version, today))]
    )
    grower, shown = make.caller(session), {"name": "新名", "area_mu_x100": 700, "tree_count": 90}
    plot = register(session, grower)
    register(session, grower, id=plot.id)
    correct(session, grower, plot, 1, **shown)
    correct(session, grower, plot, 2, **shown, variety="navel")
    correct(session, grower, plot, 3, **shown, variety="navel", elevation_m=512)
    end(session, grower, plot, 4)
    assert told == [(session, version, TODAY) for version in (1, 3, 4, 5)]


def test_the_same_form_again_is_the_first_plot_also_after_a_correction(session):
    grower, id = make.caller(session), new_id()
    first = register(session, grower, id=id)
    assert register(session, grower, id=id).id == first.id
    correct(session, grower, first, area_mu_x100=700)
    again = register(session, grower, id=id)
    assert (again.id, again.area_mu_x100, again.version) == (id, 700, 2)
    assert session.exec(select(func.count()).select_from(Plot)).one() == 1


def test_the_same_id_with_other_content_is_refused_and_the_first_stays(session):
    grower, id = make.caller(session), new_id()
    register(session, grower, id=id)
    with pytest.raises(Conflict) as refused:
        register(session, grower, id=id, area_mu_x100=700)
    assert (refused.value.kept["area_mu_x100"], refused.value.sent["area_mu_x100"]) == (650, 700)
    assert session.get(Plot, id).area_mu_x100 == 650


def test_somebody_elses_id_looks_unknown(session):
    id = new_id()
    register(session, make.caller(session), id=id)
    with pytest.raises(NotVisible):
        register(session, make.caller(session), id=id)


def test_the_id_of_a_plot_given_up_stays_burnt(session):
    grower, id = make.caller(session), new_id()
    plot = register(session, grower, id=id)
    end(session, grower, plot)
    with pytest.raises(Conflict):
        register(session, grower, id=id)
    assert queries.plot_page(session, grower)[0] == []


def test_giving_up_twice_is_giving_up_once(session):
    grower = make.caller(session)
    plot = register(session, grower)
    end(session, grower, plot)
    end(session, grower, plot)
    changes = session.exec(select(PlotChange).where(PlotChange.plot_id == plot.id)).all()
    assert sorted(change.version for change in changes) == [1, 2]


def test_a_correction_of_an_older_version_is_refused_with_both(session):
    grower = make.caller(session)
    plot = register(session, grower)
    correct(session, grower, plot, area_mu_x100=700)
    with pytest.raises(Conflict) as refused:
        correct(session, grower, plot, area_mu_x100=800)
    assert refused.value.kept["area_mu_x100"] == 700
    assert refused.value.kept["version"] == 2
    with pytest.raises(Conflict):
        end(session, grower, plot, version=1)


def test_the_same_correction_sent_again_is_the_first_result(session):
    grower = make.caller(session)
    plot = register(session, grower)
    correct(session, grower, plot, area_mu_x100=700)
    assert correct(session, grower, plot, area_mu_x100=700).version == 2


def test_every_version_is_kept_with_before_and_after(session):
    grower = make.caller(session)
    plot = register(session, grower)
    correct(session, grower, plot, area_mu_x100=700, name="大坪")
    newest, first = queries.history(session, grower, plot.id)
    assert first.is_start
    assert set(newest.facts) == {("area_mu_x100", 650, 700), ("name", "桥头那块", "大坪")}
    stored = session.get(PlotChange, (plot.id, 2))
    assert json.loads(stored.before)["area_mu_x100"] == 650


def test_the_longest_names_fit_into_the_history(session):
    grower = make.caller(session)
    plot = register(session, grower, name='"' * 40)
    correct(session, grower, plot, name="𠮷\\" * 20, lat=31.123456789012345, lon=108.3)


def test_a_village_of_another_town_is_refused(session):
    for village in (make.OTHER_VILLAGE, "500154118999"):
        with pytest.raises(FieldRefused) as refused:
            register(session, make.caller(session), village_code=village)
        assert refused.value.field == "village_code"


def test_a_manager_registers_for_his_employer_and_nobody_elses(session):
    firm, other = make.employer(session), make.employer(session)
    manager = make.caller(session, Role.MANAGER, employer_id=firm.id)
    assert register(session, manager, employer_id=firm.id).employer_id == firm.id
    assert register(session, manager).employer_id == firm.id
    for role, who in ((other.id, manager), (firm.id, make.caller(session))):
        with pytest.raises(FieldRefused):
            register(session, who, employer_id=role)


def test_a_worker_of_an_employer_sees_none_of_its_plots(session):
    firm = make.employer(session)
    make.plot(session, firm)
    worker = make.caller(session, Role.WORKER, employer_id=firm.id)
    assert queries.plot_page(session, worker)[0] == []


def test_only_who_works_a_plot_corrects_or_gives_it_up(session):
    plot = register(session, make.caller(session))
    for stranger in (
        make.caller(session),
        make.caller(session, Role.SECRETARY),
        make.caller(session, Role.TECHNICIAN),
        make.caller(session, Role.DISTRICT, place="500154"),
    ):
        with pytest.raises(NotVisible):
            correct(session, stranger, plot)
        with pytest.raises(NotVisible):
            end(session, stranger, plot)


def test_an_office_sees_its_town_and_the_secretary_masked_names(session):
    make.plot(session, make.caller(session, of=make.person(session, name="欧阳春")))
    make.plot(session, make.caller(session), village_code=make.OTHER_VILLAGE)
    for role, name in ((Role.TECHNICIAN, "欧阳春"), (Role.SECRETARY, "欧*")):
        lines, _ = queries.plot_page(session, make.caller(session, role))
        assert [line.holder for line in lines] == [name]
