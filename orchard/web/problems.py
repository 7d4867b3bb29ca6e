"""Every refusal and fault as one page, or as problem+json for the JSON interface."""

from typing import Any

from flask import Flask, Response, g, json, make_response, render_template, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, SecurityError

from orchard import logs, words
from orchard.errors import (
    Busy,
    Conflict,
    FieldRefused,
    Forbidden,
    NotVisible,
    OrchardError,
)
from orchard.web import forms
from orchard.web.guard import is_api
from orchard.web.parked import SECRET

log = logs.get("web")
STATUS: dict[type[OrchardError], int] = {NotVisible: 404, Forbidden: 403, Conflict: 409, Busy: 503}
HTTP_CODES = {
    400: "errors.bad_request",
    401: "errors.not_signed_in",
    403: "errors.forbidden",
    404: "errors.not_found",
    405: "errors.method",
    413: "errors.too_large",
    414: "errors.too_large",
    415: "errors.media_type",
    421: "errors.host",
    429: "errors.too_many",
}


def set_up(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(OrchardError, refused)
    app.register_error_handler(HTTPException, stopped)
    app.register_error_handler(Exception, broken)


def refused(error: OrchardError) -> Response:
    """Answer an expected refusal."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
    fields = forms.refusal(error) if isinstance(error, FieldRefused) else {}
    extra: dict[str, Any] = {}
    if isinstance(error, Conflict) and is_api():  # a page would show names of columns, and ids
        extra = {"kept": error.kept, "sent": error.sent}
    if status == 503 and not is_api():
        extra = {"again": _typed()}
    response = _answer(status, error.code, values=error.values, fields=fields, extra=extra)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _typed() -> list[tuple[str, str]]:
    """Return the form that could not be saved, so that one tap sends it again; no secrets."""
    if request.method != "POST" or SECRET & set(request.form) - {"csrf_token"}:
        return []
    return [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]


def stopped(error: HTTPException) -> Response:
    """Answer what Flask or the guard stopped."""
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    if isinstance(error, SecurityError):  # no page: its links would carry the false host
        sentence = words.text(g.get("locale", words.LOCALES[0]), "errors.host")
        return Response(sentence, status, content_type="text/plain; charset=utf-8")
    if status < 400:
        return make_response(error.get_response())
    return _answer(status, HTTP_CODES.get(status, "errors.broken"))


def broken(error: Exception) -> Response:
    """Answer a fault of ours: logged without what people typed, told without a trace."""
    log.error("request failed", exc_info=error)
    return _answer(500, "errors.broken")


def invalid(error: ValidationError) -> Response:
    """Answer a JSON body, path or query that does not fit, field by field."""
    return _answer(422, "errors.invalid", fields=forms.sentences(error))


def _answer(
    status: int,
    code: str,
    *,
    values: dict[str, Any] | None = None,
    fields: dict[str, str] | None = None,
    extra: dict[str, Any] | None = None,
) -> Response:
    locale = g.get("locale", words.LOCALES[0])
    sentence = words.text(locale, code, **(values or {}))
    if is_api():
        body = {"type": "about:blank", "status": status, "code": code, "title": sentence}
        if fields:
            body["errors"] = fields
        body.update(extra or {})
        text = json.dumps(body)
        return Response(text, status, content_type="application/problem+json")
    try:
        page = render_template(
            "refused.html", status=status, sentence=sentence, fields=fields, **(extra or {})
        )
    except Exception as error:  # noqa: BLE001 - the last resort must answer, whatever broke
        log.error("refusal page failed", exc_info=error)
        return Response(sentence, status, content_type="text/plain; charset=utf-8")
    return Response(page, status, content_type="text/html; charset=utf-8")
