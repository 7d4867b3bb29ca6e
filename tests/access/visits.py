"""Requests, visits and photos: who knocks at which record, and who finds it."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from PIL import Image
from sqlmodel import Session, select

from orchard.accounts.models import Account
from orchard.accounts.rules import Caller, Role
from orchard.ids import new_id
from orchard.plots.models import Plot
from orchard.visits import diary, photos, recording, services
from orchard.visits.models import Prescription, VisitPhoto, VisitRequest
from orchard.visits.rules import PhotoOf, PhotoState, State
from tests import make
from tests.access.case import FREE, Body, Case
from tests.access.cast import CANARY, Cast, Faces
from tests.visits.asking import SPRAY, TODAY, ask, found

# own: put on today by the technician; asked: the same grower's, in the pool; recorded: written
# down; cadre: a neighbour's, asked by the secretary; colleague: a neighbour's, taken by another
# technician of the town; firm: the employer's; deleted: its plot was given up.
VISITS = tuple(
    f"visit:{name}"
    for name in (
        *("own", "asked", "recorded", "cadre", "colleague", "firm"),
        *("other", "deleted", "unknown"),
    )
)
OWN = {"visit:own", "visit:asked", "visit:recorded"}
TOWN = set(VISITS[:6])
MINE = {"visit:own", "visit:recorded"}
FIRM, CADRE, RECORDED = {"visit:firm"}, {"visit:cadre"}, {"visit:recorded"}


def _to(cast: Cast, subject: str) -> dict[str, Any]:
    return {"to": str(cast.records["technicians"]["colleague"])}


def _ask(cast: Cast, subject: str) -> dict[str, Any]:
    plot_id = cast.plots[subject]
    return {"id": str(new_id()), "plot_id": str(plot_id), "problem": "insects"}


def _photo(cast: Cast, subject: str) -> dict[str, Any]:
    data = BytesIO()
    Image.new("RGB", (8, 8)).save(data, "PNG")
    return {"photo_id": str(new_id()), "photo": (BytesIO(data.getvalue()), "x.png")}


def _sent(**values: Any) -> Body:
    return lambda cast, subject: dict(values)


READ = Case("visit:read")
ADVICE = Case("visit:advice")
CANCEL = Case("visit:asker", may_refuse=True)
CONFIRM = Case("visit:holder", _sent(came="yes"), True)
TAKE = Case("visit:town", may_refuse=True)
ANSWER = Case("visit:town", _sent(text="先清园"), True)
DAY = Case("visit:in_charge", _sent(on_day=str(TODAY)), True)
HAND_OVER = Case("visit:in_charge", _to, True)
NOBODY = Case("visit:in_charge", may_refuse=True)
RECORD = Case(
    "visit:in_charge", _sent(visited_on=str(TODAY), found="有虫", diagnosis="red_mite"), True
)
RATE = Case("visit:holder", _sent(face=3), True)
FOLLOW = Case("visit:follow", _sent(outcome="applied"))
CASES: dict[str, Case] = {
    "api_visits.actions": FREE,
    "api_visits.advice": FREE,
    "api_visits.answer": ANSWER,
    "api_visits.cancel": CANCEL,
    "api_visits.confirm": Case("visit:holder", _sent(came=True), True),
    "api_visits.create": Case("visit:ask", _ask),
    "api_visits.day_off": Case("free", _sent(is_off=False)),
    "api_visits.diagnoses": FREE,
    "api_visits.diary": FREE,
    "api_visits.did_not_come": Case("visit:holder", may_refuse=True),
    "api_visits.district": FREE,
    "api_visits.figures": FREE,
    "api_visits.follow_up": FOLLOW,
    "api_visits.get_photo": Case("visit:photo"),
    "api_visits.hand_over": HAND_OVER,
    "api_visits.list": FREE,
    "api_visits.nobody_there": NOBODY,
    "api_visits.one": READ,
    "api_visits.pool": FREE,
    "api_visits.problems": FREE,
    "api_visits.put_photo": Case("visit:photograph", may_refuse=True),
    "api_visits.put_record": RECORD,
    "api_visits.rate": RATE,
    "api_visits.reassign": Case("visit:district", _to, True),
    "api_visits.record": Case("visit:report"),
    "api_visits.round": FREE,
    "api_visits.schedule": DAY,
    "api_visits.take": TAKE,
    "api_visits.technicians": NOBODY,
    "api_visits.waiting": FREE,
    "visits.add_photo": Case("visit:photograph", _photo, True),
    "visits.advice": FREE,
    "visits.answer": ANSWER,
    "visits.cancel": CANCEL,
    "visits.check_answer": TAKE,
    "visits.check_hand_over": NOBODY,
    "visits.confirm": CONFIRM,
    "visits.create": Case("visit:ask", _ask),
    "visits.day_off": Case("free", _sent(on_day=str(TODAY), state="on")),
    "visits.did_not_come": Case("visit:holder", may_refuse=True),
    "visits.district": FREE,
    "visits.follow_up": FOLLOW,
    "visits.hand_over": HAND_OVER,
    "visits.list": FREE,
    "visits.new": FREE,
    "visits.nobody_there": NOBODY,
    "visits.one": READ,
    "visits.photo": Case("visit:photo"),
    "visits.pool": FREE,
    "visits.prescription": ADVICE,
    "visits.put_on_day": DAY,
    "visits.rate": RATE,
    "visits.reassign": Case("visit:district", _to, True),
    "visits.record": NOBODY,
    "visits.round": FREE,
    "visits.save_record": RECORD,
    "visits.schedule": FREE,
    "visits.take": TAKE,
    "visits.town": FREE,
}
# Access matrix: visit request, visit report, photo; advice is read as its report is.
REACH: dict[str, dict[str, set[str]]] = {
    "visit:ask": {
        "grower": {"own"},
        "manager": {"firm"},
        "secretary": {"own", "neighbour", "firm"},
    },
    "visit:read": {"grower": OWN, "manager": FIRM, "technician": TOWN, "secretary": TOWN},
    "visit:asker": {"grower": OWN, "manager": FIRM, "secretary": CADRE},
    "visit:holder": {"grower": OWN, "manager": FIRM},
    "visit:town": {"technician": TOWN},
    "visit:in_charge": {"technician": MINE},
    "visit:report": {"grower": RECORDED, "technician": RECORDED, "secretary": RECORDED},
    "visit:advice": {"grower": RECORDED, "technician": RECORDED, "secretary": RECORDED},
    "visit:follow": {"grower": RECORDED, "technician": RECORDED},
    "visit:photo": {"grower": {"visit:own"}, "technician": {"visit:own"}},
    "visit:photograph": {
        "grower": OWN,
        "manager": FIRM,
        "technician": MINE,
        "secretary": CADRE,
    },
    "visit:district": {"district": set(VISITS) - {"visit:unknown"}},
}
SUBJECTS: dict[str, tuple[str, ...]] = dict.fromkeys(REACH, VISITS)
SUBJECTS["visit:ask"] = ("own", "neighbour", "firm", "other", "deleted", "unknown")


def fill(session: Session, cast: Cast, faces: Faces) -> None:
    """Write the records that are knocked at into the cast's records, by kind and subject."""
    who, plots = faces.callers, {name: session.get(Plot, id_) for name, id_ in cast.plots.items()}
    expert, colleague = who["technician"], make.caller(session, Role.TECHNICIAN)
    stranger = make.caller(session, Role.TECHNICIAN, place=make.DADE)
    made = {
        "own": _taken(session, who["grower"], plots["own"], expert),
        "asked": ask(session, who["grower"], plots["own"], problem="fruit"),
        "recorded": _taken(session, who["grower"], plots["own"], expert),
        "cadre": ask(session, who["secretary"], plots["neighbour"]),
        "colleague": _taken(session, who["neighbour"], plots["neighbour"], colleague),
        "firm": ask(session, who["manager"], plots["firm"]),
        "other": _taken(session, who["other"], plots["other"], stranger),
        "deleted": _of_deleted(session, who["grower"], cast),
    }
    diary.put_on_day(session, expert, made["own"].id, TODAY, now=make.NOW)
    recording.record(session, expert, made["recorded"].id, found(SPRAY), now=make.NOW)
    words = found(SPRAY, found=f"{CANARY}有虫")
    recording.record(session, stranger, made["other"].id, words, now=make.NOW)
    cast.records["visits"] = {f"visit:{name}": request.id for name, request in made.items()}
    cast.records["technicians"] = {"colleague": colleague.account_id}
    _add_photos(session, cast)
    rows = session.exec(select(Prescription)).all()
    by_request = {request_id: name for name, request_id in cast.records["visits"].items()}
    cast.records["advice"] = {by_request[row.request_id]: row.id for row in rows}


def _taken(session: Session, asker: Caller, plot: Any, expert: Caller) -> VisitRequest:
    request = ask(session, asker, plot)
    return services.take(session, expert, request.id, now=make.NOW)


def _of_deleted(session: Session, grower: Caller, cast: Cast) -> VisitRequest:
    request = VisitRequest(
        plot_id=cast.plots["deleted"],
        town_code=make.ZHUXI,
        requested_by_id=grower.account_id,
        problem="insects",
        rank_at=make.NOW - timedelta(1),
        asked_at=make.NOW,
        state=State.CANCELLED,
    )
    session.add(request)
    session.flush()
    return request


def _add_photos(session: Session, cast: Cast) -> None:
    """Put a drawn photo to one request of each town."""
    cast.records["photos"] = {}
    account_id = session.exec(select(Account.id)).first()
    for name in ("visit:own", "visit:other", "visit:deleted"):
        photo = VisitPhoto(
            request_id=cast.records["visits"][name],
            of=PhotoOf.REQUEST,
            by_id=account_id,
            state=PhotoState.READY,
            sha256="0" * 64,
            made_at=make.NOW,
        )
        session.add(photo)
        path = photos.path_of(photo.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"RIFF")
        cast.records["photos"][name] = photo.id
    session.flush()


def values(cast: Cast, subject: str) -> dict[str, Any]:
    """Return the values of this room's address arguments for a subject."""
    if not subject.startswith("visit:"):
        return {}
    return {
        "request_id": cast.records["visits"].get(subject, new_id()),
        "photo_id": cast.records["photos"].get(subject, new_id()),
        "prescription_id": cast.records["advice"].get(subject, new_id()),
    }
