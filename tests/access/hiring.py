"""Employers, openings, hires: who knocks at which record, and who finds it."""

from datetime import date
from typing import Any

from sqlmodel import Session

from orchard.accounts.models import Person
from orchard.accounts.rules import Sex
from orchard.hiring.models import Application
from orchard.hiring.rules import ApplicationState
from orchard.ids import new_id
from tests import make
from tests.access import hiring_forms as forms
from tests.access.case import FREE, OPEN, Case
from tests.access.cast import CANARY, CANARY_PHONE, NEIGHBOURS, Cast, Faces

EMPLOYERS = ("hiring:firm", "hiring:workshop", "hiring:other", "hiring:unknown")
PUBLIC_ONES = ("hiring:firm", "hiring:workshop", "hiring:public", "hiring:unknown")
OPENINGS = ("hiring:open", "hiring:hidden", "hiring:neighbour", "hiring:other", "hiring:unknown")
HIRES = ("hiring:own", "hiring:fellow", "hiring:neighbour", "hiring:other", "hiring:unknown")
PERSONS = ("hiring:own", "hiring:neighbour", "hiring:other", "hiring:unknown")
CREWS = (*PERSONS, "hiring:ended")
TOWNS_EMPLOYERS = {"hiring:firm", "hiring:workshop"}
EVERY_EMPLOYER = set(EMPLOYERS) - {"hiring:unknown"}
EVERY_OPENING = set(OPENINGS) - {"hiring:unknown"}
PUBLISHED = {"hiring:open", "hiring:neighbour", "hiring:other"}
OF_TOWN = {"hiring:open", "hiring:hidden", "hiring:neighbour"}
OF_FIRM = {"hiring:own", "hiring:fellow"}

REACH: dict[str, dict[str, set[str]]] = {
    "employer:kept": {
        "manager": {"hiring:firm"},
        "secretary": TOWNS_EMPLOYERS,
        "district": EVERY_EMPLOYER,
    },
    "employer:served": {"secretary": TOWNS_EMPLOYERS, "district": EVERY_EMPLOYER},
    "employer:managed": {"manager": {"hiring:firm"}},
    "employer:read": dict.fromkeys(
        ("grower", "worker", "technician", "manager", "secretary", "district"),
        set(PUBLIC_ONES) - {"hiring:unknown"},
    ),
    "opening:read": {
        "grower": PUBLISHED,
        "worker": {*PUBLISHED, "hiring:hidden"},  # he asked for it before it was hidden
        "technician": PUBLISHED,
        "manager": {*PUBLISHED, "hiring:hidden"},
        "secretary": {*PUBLISHED, "hiring:hidden"},
        "district": EVERY_OPENING,
    },
    "opening:managed": {"manager": {"hiring:open", "hiring:hidden"}},
    "opening:served": {"secretary": OF_TOWN, "district": EVERY_OPENING},
    "opening:asked": {"worker": {*PUBLISHED, "hiring:hidden"}},
    "opening:back": {"worker": {"hiring:open", "hiring:hidden"}},
    "hire:seen": {
        "worker": {"hiring:own"},
        "manager": OF_FIRM,
        "secretary": {*OF_FIRM, "hiring:neighbour"},
    },
    "hire:ours": {"manager": OF_FIRM},
    "hire:mine": {"worker": {"hiring:own"}},
    "worker:ours": {"manager": {"hiring:own"}},
    "townsman": {"secretary": {"hiring:own", "hiring:neighbour"}},
    "crew:ours": {"manager": {"hiring:own", "hiring:ended"}},  # ended twice is once
}
SUBJECTS: dict[str, tuple[str, ...]] = {
    **{kind: EMPLOYERS for kind in REACH if kind.startswith("employer:")},
    "employer:read": PUBLIC_ONES,
    **{kind: OPENINGS for kind in REACH if kind.startswith("opening:")},
    **{kind: HIRES for kind in REACH if kind.startswith("hire:")},
    **dict.fromkeys(("worker:ours", "townsman"), PERSONS),
    "crew:ours": CREWS,
}


CHANGE = Case("opening:managed", forms.offer(version="1", people="9"))
STATUS, WORKER = Case("townsman"), Case("worker:ours")
CASES: dict[str, Case] = {
    "api_hiring.applications": Case("opening:managed"),
    "api_hiring.apply": Case("opening:asked", may_refuse=True),
    "api_hiring.change_hire": Case("hire:ours", forms.hire),
    "api_hiring.change_opening": CHANGE,
    "api_hiring.close_opening": Case("opening:managed"),
    "api_hiring.confirm_hire": Case("hire:mine", forms.say),
    "api_hiring.correct_employer": Case("employer:kept", forms.corrected),
    "api_hiring.correct_worker": Case("worker:ours", forms.facts),
    "api_hiring.crews": Case("employer:managed"),
    "api_hiring.decide": Case("free", forms.decision),
    "api_hiring.decline": Case("opening:managed"),
    "api_hiring.doubles_list": FREE,
    "api_hiring.employer": Case("employer:read"),
    "api_hiring.employers": FREE,
    "api_hiring.end_crew": Case("crew:ours"),
    "api_hiring.end_hire": Case("hire:ours", forms.end),
    "api_hiring.hide_opening": Case("opening:served"),
    "api_hiring.hire": Case("hire:seen"),
    "api_hiring.hire_events": Case("hire:seen"),
    "api_hiring.hires": FREE,
    "api_hiring.lookalikes": Case("employer:managed", forms.person),
    "api_hiring.make_crew": Case("employer:managed", forms.crew),
    "api_hiring.make_hire": Case("free", forms.hire),
    "api_hiring.my_status": FREE,
    "api_hiring.object_to_hire": Case("hire:mine", forms.say),
    "api_hiring.open_employer": Case("free", forms.employer),
    "api_hiring.opening": Case("opening:read"),
    "api_hiring.openings": FREE,
    "api_hiring.publish": Case("free", forms.published),
    "api_hiring.read_status": Case("townsman", forms.reason),
    "api_hiring.recognise": Case("employer:served", forms.step, may_refuse=True),
    "api_hiring.register": Case("employer:managed", forms.person),
    "api_hiring.show_opening": Case("opening:served"),
    "api_hiring.verify_employer": Case("employer:served"),
    "api_hiring.withdraw": Case("opening:back"),
    "api_hiring.worker": WORKER,
    "api_hiring.workers": Case("employer:managed"),
    "api_hiring.works": FREE,
    "api_hiring.write_status": Case("townsman", forms.status),
    "employers.change": Case("employer:kept", forms.corrected),
    "employers.create": Case("free", forms.employer),
    "employers.edit": Case("employer:kept"),
    "employers.list": FREE,
    "employers.new": FREE,
    "employers.one": OPEN,
    "employers.recognise": Case("employer:served", forms.step, may_refuse=True),
    "employers.verify": Case("employer:served"),
    "hires.change": Case("hire:ours", forms.hire),
    "hires.check_end": Case("hire:ours"),
    "hires.confirm": Case("hire:mine", forms.say),
    "hires.create": Case("worker:ours", forms.hire),
    "hires.edit": Case("hire:ours"),
    "hires.end": Case("hire:ours", forms.end),
    "hires.list": FREE,
    "hires.new": WORKER,
    "hires.object_to": Case("hire:mine", forms.say),
    "hires.one": Case("hire:seen"),
    "openings.apply": Case("opening:asked", may_refuse=True),
    "openings.change": CHANGE,
    "openings.close": Case("opening:managed"),
    "openings.create": Case("free", forms.offer(), may_refuse=True),
    "openings.decline": Case("opening:managed"),
    "openings.edit": Case("opening:managed"),
    "openings.hide": Case("opening:served"),
    "openings.list": OPEN,
    "openings.new": FREE,
    "openings.one": OPEN,
    "openings.show": Case("opening:served"),
    "openings.withdraw": Case("opening:back"),
    "statuses.ask": STATUS,
    "statuses.own": FREE,
    "statuses.read": Case("townsman", forms.reason),
    "statuses.write": Case("townsman", forms.status),
    "workers.change": Case("worker:ours", forms.facts),
    "workers.create": Case("employer:managed", forms.person),
    "workers.edit": WORKER,
    "workers.end_crew": Case("crew:ours"),
    "workers.list": FREE,
    "workers.make_crew": Case("employer:managed", forms.crew),
    "workers.new": Case("employer:managed"),
    "workers.of": Case("employer:managed"),
    "workers.one": WORKER,
}


def fill(session: Session, cast: Cast, faces: Faces) -> None:
    """Write the records that are knocked at into the cast's records, by kind and subject."""
    firm, town = faces.firm, make.OTHER_VILLAGE
    own = session.get_one(Person, faces.callers["worker"].person_id)
    own.born_on, own.sex = date(1980, 5, 1), Sex.FEMALE
    workshop = faces.neighbour_firm
    public = make.employer(session, name="大德基地", village_code=town)  # its openings are public
    stranger = make.worker(session, name=f"{CANARY}人", phone=CANARY_PHONE, village_code=town)
    make.status(session, own)
    make.status(session, stranger)
    fellow = make.worker(session, name="李国富")
    neighbour = make.worker(session, name=f"{NEIGHBOURS}工")
    double = make.worker(session, name=own.name, phone="+8613800000077")
    crew = make.crew(session, firm)
    ended_crew = make.crew(session, firm, name="散了的组", ended_at=make.NOW)
    neighbour_crew = make.crew(session, workshop, name=f"{NEIGHBOURS}组")
    other_crew = make.crew(session, faces.other_firm, name=f"{CANARY}组")
    openings = {
        "hiring:open": make.opening(session, firm),
        "hiring:hidden": make.opening(session, firm, hidden_at=make.NOW),
        "hiring:neighbour": make.opening(session, workshop),
        "hiring:other": make.opening(session, public),
    }
    for name in ("hiring:open", "hiring:hidden"):
        _ask(session, openings[name].id, own)
    _ask(session, openings["hiring:hidden"].id, fellow)
    _ask(session, openings["hiring:open"].id, fellow)
    hires = {
        "hiring:own": make.hire(session, firm, own),
        "hiring:fellow": make.hire(session, firm, fellow),
        "hiring:neighbour": make.hire(session, workshop, neighbour),
        "hiring:other": make.hire(session, faces.other_firm, stranger),
    }
    records: dict[str, Any] = {
        "hiring:firm": {"employer_id": firm.id, "seen": (firm.name, firm.village_code)},
        "hiring:workshop": {"employer_id": workshop.id, "seen": ("竹溪车间", make.VILLAGE)},
        "hiring:own": {"employer_id": firm.id, "person_id": own.id, "crew_id": crew.id},
        "hiring:ended": {"employer_id": firm.id, "crew_id": ended_crew.id},
        "hiring:neighbour": {
            "employer_id": workshop.id,
            "person_id": neighbour.id,
            "crew_id": neighbour_crew.id,
        },
        "hiring:other": {
            "employer_id": faces.other_firm.id,
            "seen": (faces.other_firm.name, town),
            "person_id": stranger.id,
            "crew_id": other_crew.id,
        },
        "hiring:public": {"employer_id": public.id},
        "double": {"person_id": double.id},
    }
    for kind, rows in (("opening_id", openings), ("hire_id", hires)):
        for subject, row in rows.items():
            records.setdefault(subject, {})[kind] = row.id
    for subject in ("hiring:open", "hiring:hidden"):
        records[subject]["person_id"] = fellow.id  # who is declined
    cast.records["hiring"] = records


def _ask(session: Session, opening_id: Any, who: Person) -> None:
    session.add(
        Application(
            opening_id=opening_id,
            person_id=who.id,
            state=ApplicationState.OPEN,
            at=make.NOW,
            changed_at=make.NOW,
        )
    )
    session.flush()


def values(cast: Cast, subject: str) -> dict[str, Any]:
    """Return the values of this room's address arguments for a subject."""
    names = ("employer_id", "opening_id", "hire_id", "person_id", "crew_id")
    if not subject.startswith("hiring:"):
        return dict.fromkeys(("employer_id", "opening_id"), new_id())
    nobody = dict.fromkeys(names, new_id())
    return nobody | {
        name: value
        for name, value in cast.records["hiring"].get(subject, {}).items()
        if name in names
    }
