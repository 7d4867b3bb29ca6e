"""Debian's Chromium as a phone in Chongqing, and what is measured on each page it shows."""

import gzip
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CONTRAST = "color-contrast"
AAA_CONTRAST = "color-contrast-enhanced"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
HITS = Path(__file__).with_name("targets.js").read_text("utf-8")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the installed Chromium; no browser is ever downloaded."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Debian's package chromium is not installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def phone(
    browser: Browser,
    *,
    width: int = 360,
    dark: bool = False,
    script: bool = True,
    base_url: str | None = None,
) -> Iterator[BrowserContext]:
    """Open a small Android phone: zh-CN, Asia/Shanghai, touch; with or without script."""
    context = browser.new_context(
        viewport={"width": width, "height": 740},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        base_url=base_url,
    )
    try:
        yield context
    finally:
        context.close()


@contextmanager
def desk(
    browser: Browser, *, dark: bool = False, script: bool = True, base_url: str | None = None
) -> Iterator[BrowserContext]:
    """Open the screen of a town office, 1280 px wide; with or without script."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        base_url=base_url,
    )
    try:
        yield context
    finally:
        context.close()


def axe_findings(page: Page, *, colours_only: bool = False) -> list[str]:
    """Return what axe finds under A, AA, best practice and AAA contrast, one line a node.

    colours_only asks for the two contrast rules alone: all that a colour scheme can change.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE + "; undefined")
    options: dict[str, Any] = {
        "runOnly": {"type": "tag", "values": list(TAGS)},
        "rules": {AAA_CONTRAST: {"enabled": True}},
        "resultTypes": ["violations"],
    }
    if colours_only:
        options = {"runOnly": [CONTRAST, AAA_CONTRAST], "resultTypes": ["violations"]}
    result: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {node['html'][:120]} {_why(node)}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return json.dumps([check["message"] for check in checks][:1], ensure_ascii=False)


def small_targets(page: Page, px: int) -> list[str]:
    """Return what can be tapped on less than px by px, found by touching around its middle."""
    found: list[str] = page.evaluate(HITS, px)
    return found


def small_text(page: Page, px: float) -> list[str]:
    """Return texts shown in letters smaller than px."""
    found: list[str] = page.evaluate(
        """px => { const bad = []; let node;
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while ((node = walk.nextNode())) {
          const text = node.textContent.trim(), box = node.parentElement;
          if (!text || !box.getBoundingClientRect().width) continue;
          const size = parseFloat(getComputedStyle(box).fontSize);
          if (size < px - 0.05) bad.push(size + ' ' + text.slice(0, 30));
        } return bad; }""",
        px,
    )
    return found


def sideways_scroll(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    wider: int = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


@dataclass
class Weight:
    """What a first visit to one page costs on the line."""

    requests: list[str] = field(default_factory=list)
    gzipped: int = 0


def page_weight(context: BrowserContext, url: str) -> Weight:
    """Open a page in a new tab with an empty cache; count requests and gzipped bytes."""
    weight = Weight()
    answers: list[Response] = []
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def keep(answer: Response) -> None:  # a built-in method would be refused here
        answers.append(answer)

    page.on("response", keep)
    page.goto(url, wait_until="networkidle")
    for answer in answers:
        weight.requests.append(answer.url)
        if answer.status not in (301, 302, 303, 304):
            weight.gzipped += len(gzip.compress(answer.body(), 6))
    page.close()
    return weight
