"""The style sheet: colours that can be read, features old WebViews know, and little weight."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.page import ROOT

CSS = (ROOT / "orchard" / "static" / "orchard.css").read_text("utf-8")
TOKENS = json.loads(Path(__file__).with_name("tokens.json").read_text("utf-8"))
TOO_NEW = (":has(", ":is(", ":where(", "clamp(", "min(", "max(", "inset:", "aspect-ratio", "gap:")
DARK = CSS.index("@media screen and (prefers-color-scheme: dark)")


def luminance(colour: str) -> float:
    """Return the relative luminance of #rgb or #rrggbb as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def low_pairs(tokens: dict[str, dict[str, str]]) -> Iterator[str]:
    for theme in ("light", "dark"):
        for front, back, floor, use in TOKENS["pairs"]:
            ratio = contrast(tokens[theme][front], tokens[theme][back])
            if ratio < floor:
                yield f"{theme}: {front} on {back} ({use}) has {ratio:.2f}, floor {floor}"


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", text))


def test_every_pair_of_colours_keeps_its_contrast_in_light_and_dark() -> None:
    assert list(low_pairs(TOKENS)) == []


def test_a_pale_text_colour_would_be_noticed() -> None:
    pale = {**TOKENS, "dark": {**TOKENS["dark"], "ink2": "#7b867e"}}
    assert any("dark: ink2 on card" in line for line in low_pairs(pale))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sheet_has_exactly_the_colours_that_were_checked(theme: str) -> None:
    end = CSS.index("/* Page */")
    block = CSS[:DARK] if theme == "light" else CSS[DARK:end]
    assert colours(block) == TOKENS[theme]


def test_no_colour_is_written_past_the_tokens() -> None:
    rules = CSS[CSS.index("/* Page */") : CSS.index("@media print")]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules) == []


def test_the_sheet_keeps_to_what_chromium_66_knows() -> None:
    assert [feature for feature in TOO_NEW if feature in CSS] == []


def test_the_sheet_asks_nobody_else_and_loads_no_font() -> None:
    assert re.findall(r"url\(|@import|@font-face|https?:|//", CSS) == []


def test_the_sheet_weighs_at_most_4_kb_gzipped() -> None:
    assert len(gzip.compress(CSS.encode(), 6)) <= 4096


def test_every_class_of_the_templates_is_in_the_sheet() -> None:
    known = set(re.findall(r"\.([a-z][a-z-]*)", CSS))
    used = set()
    for page in (ROOT / "templates").rglob("*.html"):
        for names in re.findall(r'class="([^"{}]+)"', page.read_text("utf-8")):
            used |= set(names.split())
    assert used - known == set()


def test_no_template_has_a_style_a_script_or_another_host() -> None:
    banned = re.compile(r"<style|<script|\sstyle=|\son[a-z]+=|https?://|\|\s*safe\b")
    for page in (ROOT / "templates").rglob("*.html"):
        assert banned.findall(page.read_text("utf-8")) == [], page


def test_a_template_has_at_most_180_lines() -> None:
    for page in (ROOT / "templates").rglob("*.html"):
        assert len(page.read_text("utf-8").splitlines()) <= 180, page
