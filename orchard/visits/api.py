"""Visits as JSON: the same services as the pages."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import g
from flask_openapi3 import RawModel, Tag
from pydantic import Field
from werkzeug.wrappers import Response

from orchard import clock
from orchard.db import reading, transaction
from orchard.errors import NotVisible
from orchard.fields import Shape
from orchard.visits import (
    aftercare,
    catalogue,
    photos,
    queries,
    reports,
    services,
)
from orchard.visits.forms import (
    AskVisitBody,
    ConfirmVisitBody,
    FollowUpForm,
    RateVisitForm,
)
from orchard.visits.shapes import (
    AllVisitAdviceOut,
    VisitChoiceOut,
    VisitChoicesOut,
    VisitPhotoOut,
    VisitRecordOut,
    VisitRequestOut,
    VisitRequestsOut,
    WholeVisitRequestOut,
    advice_out,
    event_out,
    record_out,
    request_out,
)
from orchard.visits.views import photo_file
from orchard.web.interface import Interface

bp = Interface("api_visits", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="visits")])


class RequestPath(Shape):
    """Which request."""

    request_id: UUID


class PhotoPath(Shape):
    """Which photo of which request; the photo's id is made by the sender."""

    request_id: UUID
    photo_id: UUID


class OnePhotoPath(Shape):
    """Which photo."""

    photo_id: UUID


class PrescriptionPath(Shape):
    """Which prescription."""

    prescription_id: UUID


class PageQuery(Shape):
    """Which page of the list."""

    page: int = Field(default=1, ge=1, le=200)


class ImageBody(RawModel):
    """The image itself."""

    mimetypes = ["image/jpeg", "image/png", "image/webp"]  # noqa: RUF012 - the library's way


IMAGE = {"description": "The image", "content": {"image/webp": {"schema": {"type": "string"}}}}


@bp.post("/visit-requests", responses={201: VisitRequestOut})
def create(body: AskVisitBody) -> tuple[dict[str, Any], int]:
    """Ask for a visit, free; the same id and content again is the first result."""
    with transaction() as session:
        services.ask(session, g.caller, **body.model_dump(), now=clock.now())
    return read(body.id), 201


@bp.get("/visit-requests", endpoint="list", responses={200: VisitRequestsOut})
def request_list(query: PageQuery) -> dict[str, Any]:
    """Return the requests for the caller's own plots, open ones first."""
    with reading() as session:
        lines, more = queries.own_lines(session, g.caller, number=query.page)
    told = [request_out(line) for line in lines]
    return VisitRequestsOut(requests=told, has_more=more).model_dump(mode="json")


@bp.get("/visit-requests/<uuid:request_id>", responses={200: WholeVisitRequestOut})
def one(path: RequestPath) -> dict[str, Any]:
    """Return one request with its history and photos."""
    now = clock.now()
    with reading() as session:
        line = queries.line_for(session, g.caller, path.request_id, now)
        events = queries.history_of(session, path.request_id)
        shown = reports.photos_of(session, g.caller, line.request, now)
    told = [event_out(g.caller, line, *each) for each in events]
    pictures = [VisitPhotoOut.model_validate(each, from_attributes=True) for each in shown]
    whole = WholeVisitRequestOut(**request_out(line).model_dump(), history=told, photos=pictures)
    return whole.model_dump(mode="json")


@bp.post("/visit-requests/<uuid:request_id>/cancel", responses={200: VisitRequestOut})
def cancel(path: RequestPath) -> dict[str, Any]:
    """Take a request back."""
    return act(path, services.cancel)


@bp.post("/visit-requests/<uuid:request_id>/did-not-come", responses={200: VisitRequestOut})
def did_not_come(path: RequestPath) -> dict[str, Any]:
    """Note that the technician did not come on the day."""
    return act(path, services.did_not_come)


@bp.get("/visit-requests/<uuid:request_id>/record", responses={200: VisitRecordOut})
def record(path: RequestPath) -> dict[str, Any]:
    """Return what was found on the visit."""
    return told_record(path.request_id)


@bp.post("/visit-requests/<uuid:request_id>/confirm", responses={200: VisitRecordOut})
def confirm(path: RequestPath, body: ConfirmVisitBody) -> dict[str, Any]:
    """Say whether the technician was there."""
    with transaction() as session:
        aftercare.confirm(session, g.caller, path.request_id, came=body.came, now=clock.now())
    return told_record(path.request_id)


@bp.post("/visit-requests/<uuid:request_id>/rate", responses={200: VisitRecordOut})
def rate(path: RequestPath, body: RateVisitForm) -> dict[str, Any]:
    """Give one of three faces, 3 is good; nobody reads who gave which."""
    with transaction() as session:
        aftercare.rate(session, g.caller, path.request_id, face=body.face, now=clock.now())
    return told_record(path.request_id)


@bp.get("/prescriptions", responses={200: AllVisitAdviceOut})
def advice() -> dict[str, Any]:
    """Return what is prescribed for the caller's own plots and still to be done."""
    with reading() as session:
        rows = reports.own_advice(session, g.caller)
    told = [advice_out(*row) for row in rows]
    return AllVisitAdviceOut(advice=told).model_dump(mode="json")


@bp.post("/prescriptions/<uuid:prescription_id>/follow-up", responses={200: VisitRecordOut})
def follow_up(path: PrescriptionPath, body: FollowUpForm) -> dict[str, Any]:
    """Note whether a prescription was applied, and why not."""
    with transaction() as session:
        row = aftercare.follow_up(
            session,
            g.caller,
            path.prescription_id,
            outcome=body.outcome,
            why=body.why,
            now=clock.now(),
        )
    return told_record(row.request_id)


@bp.put("/visit-requests/<uuid:request_id>/photos/<uuid:photo_id>", responses={200: VisitPhotoOut})
def put_photo(path: PhotoPath, raw: ImageBody) -> dict[str, Any]:
    """Add a photo: the body is the image itself, at most 8 MB and 24 megapixels."""
    from orchard.visits import images

    with reading() as session:  # before anything is written to the disk
        photos.check_place(session, g.caller, path.request_id)
    data = raw.get_data(cache=False)
    images.check(data)
    with photos.kept(path.photo_id, data) as photo, transaction() as session:
        row = photos.add(session, g.caller, path.request_id, photo, now=clock.now())
    return VisitPhotoOut.model_validate(row, from_attributes=True).model_dump(mode="json")


@bp.get("/visit-photos/<uuid:photo_id>", responses={200: IMAGE})
def get_photo(path: OnePhotoPath) -> Response:
    """Return a photo that is ready."""
    with reading() as session:
        found = reports.photo_for(session, g.caller, path.photo_id, clock.now())
    return photo_file(found.id)


@bp.get("/visit-problems", responses={200: VisitChoicesOut})
def problems() -> dict[str, Any]:
    """Return what can be tapped as the trouble of a plot."""
    rows = [VisitChoiceOut(code=row.code, harm=row.harm) for row in catalogue.problems().values()]
    return VisitChoicesOut(choices=rows).model_dump(mode="json")


@bp.get("/visit-diagnoses", responses={200: VisitChoicesOut})
def diagnoses() -> dict[str, Any]:
    """Return what can be diagnosed."""
    rows = [VisitChoiceOut(code=d.code, to_report=d.report) for d in catalogue.diagnoses().values()]
    return VisitChoicesOut(choices=rows).model_dump(mode="json")


@bp.get("/visit-actions", responses={200: VisitChoicesOut})
def actions() -> dict[str, Any]:
    """Return what can be prescribed."""
    rows = [VisitChoiceOut(code=row.code, harm=row.harm) for row in catalogue.actions().values()]
    return VisitChoicesOut(choices=rows).model_dump(mode="json")


def act(path: RequestPath, do: Callable[..., Any], **values: Any) -> dict[str, Any]:
    """Do one thing to a request and return it."""
    with transaction() as session:
        do(session, g.caller, path.request_id, now=clock.now(), **values)
    return read(path.request_id)


def read(request_id: UUID) -> dict[str, Any]:
    """Return one request as the caller sees it."""
    with reading() as session:
        line = queries.line_for(session, g.caller, request_id, clock.now())
    return request_out(line).model_dump(mode="json")


def told_record(request_id: UUID) -> dict[str, Any]:
    """Return what was found, as the caller sees it."""
    with reading() as session:
        found = queries.request_for(session, g.caller, request_id)
        report = reports.report_for(session, g.caller, found, clock.now())
    if report is None:
        raise NotVisible
    return record_out(report).model_dump(mode="json")
