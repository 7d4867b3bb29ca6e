"""How pages look to this reader: large text, language, side, county; kept in cookies."""

from flask import Blueprint, abort, g, redirect, request, session
from werkzeug.wrappers import Response

from orchard import settings, words
from orchard.web import parked
from orchard.web.roles import EVERYONE
from orchard.web.session import COUNTY

bp = Blueprint("display", __name__)
YEAR_S = 365 * 24 * 3600
LANGS = {"zh_CN": "zh-CN", "en": "en"}


def choose() -> None:
    """Read the reader's choices before a view runs."""
    asked = request.cookies.get("lang")
    g.locale = asked if asked in words.LOCALES else settings.get().default_locale
    g.big = request.cookies.get("big") == "1"
    side = request.cookies.get("side")
    g.side = side if side in EVERYONE else None


@bp.get("/display")
def switch() -> Response:
    """Change text size, language or the role whose menu is shown, and go back to the page."""
    answer = redirect(parked.inside(request.args.get("back")) or "/", code=303)
    if request.args.get("big") in ("0", "1"):
        _remember(answer, "big", request.args["big"])
    if request.args.get("lang") in words.LOCALES:
        _remember(answer, "lang", request.args["lang"])
    if request.args.get("side") in EVERYONE:
        _remember(answer, "side", request.args["side"])
    return answer


@bp.get("/county/<code>")
def county(code: str) -> Response:
    """Choose the county where several are served by one installation."""
    if code not in settings.get().counties:
        abort(404)
    session.clear()
    session.permanent = True
    session[COUNTY] = code
    return redirect("/", code=303)


def _remember(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(
        name, value, max_age=YEAR_S, secure=request.is_secure, httponly=True, samesite="Lax"
    )
