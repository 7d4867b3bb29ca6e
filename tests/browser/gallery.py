"""Every component in every state on one page, so that it can be measured without the app."""

from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from orchard import words
from tests.page import ROOT

DAYS = [
    ("今天", 6, 14, "多云", "cloud", ""),
    ("明天", 3, 11, "小雨", "rain", "3 毫米"),
    ("后天", -2, 8, "有霜", "frost", ""),
]
BLOCKS = [
    ("avoid", "忌", "6点"),
    ("good", "宜", "9点"),
    ("good", "宜", "12点"),
    ("care", "慎", "15点"),
    ("avoid", "忌", "18点"),
]
ROWS = [
    {"url": "/plots/1", "title": "屋后坡", "sub": "6 亩，春橙，2014 年种"},
    {
        "url": "/plots/2",
        "title": "河边地",
        "sub": "4 亩，血橙",
        "chip_kind": "late",
        "chip_word": "晚了 3 天",
    },
]
ERRORS = {"area": "这一项还没填", "variety": "请从上面选一个", "reason": "最多写 200 个字"}
TABS = [
    {"endpoint": "today.page", "word": "web.tab.today", "active": True},
    {"endpoint": "plots.list", "word": "web.tab.plots", "active": False},
]


def render(
    template: str = "gallery.html",
    *,
    locale: str = "zh_CN",
    big: bool = False,
    office: bool = False,
    **values: Any,
) -> str:
    """Render a template with stand-ins for what the app gives every page."""
    folders = [ROOT / "templates", ROOT / "tests" / "browser"]
    jinja = Environment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.globals.update(
        t=lambda key, **parts: words.text(locale, key, **parts),
        url_for=lambda endpoint, **_: f"/{endpoint.replace('.', '/')}",
        kept=lambda macro, *values: macro(*values),
        asset=lambda name: f"/static/{name}?v=1",
        csrf_field=lambda: Markup('<input type="hidden" name="csrf_token" value="x">'),
    )
    frame = {
        "locale": locale,
        "lang": locale.replace("_", "-") if locale == "zh_CN" else locale,
        "big": big,
        "office": office,
        "tabs": TABS,
        "phone_of_town": "02352345678",
        "request": SimpleNamespace(path="/"),
        "g": SimpleNamespace(caller=SimpleNamespace(name="刘洪")),
        "days": DAYS,
        "blocks": BLOCKS,
        "rows": ROWS,
        "errors": {},
    }
    return jinja.get_template(template).render(**{**frame, **values})
