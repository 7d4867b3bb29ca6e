"""What every page must have, checked from its HTML; each page test calls check_page."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
ADDRESSES = ("href", "src", "action", "formaction", "poster", "data", "srcset")
UNLABELLED = frozenset({"hidden", "submit", "button", "reset"})
REFERENCES = ("aria-describedby", "aria-labelledby", "for")
WITHIN_WORD = re.compile(r"\bUndefined\b|\bUUID\(|<[A-Za-z]+\.[A-Za-z]+:|\bweb\.[a-z_.]+")

LATIN = re.compile(r"[A-Za-z]{2,}")
NO_WORDS = {"English", "Windows", "Mac", "Linux", "PIN"}
CREDITS = {"Open", "Meteo", "com", "CC", "BY", "NY", "DB", "Four", "Winds", "Butte", "Delta"} | {
    "Metos",
    "AgStack",
    "OpenAgri",
    "GeoNames",
    "sprayers",
}

Tag = tuple[str, dict[str, str]]


class Page(HTMLParser):
    """The tags, texts and tag balance of one page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.faults: list[str] = []
        self.shown: list[str] = []
        self.in_label: set[int] = set()
        self._open: list[str] = []
        self.title = ""
        self.feed(html)
        if self._open:
            self.faults.append(f"left open: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"an attribute twice on <{tag}>: {names}")
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if "label" in self._open:
            self.in_label.add(len(self.tags) - 1)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if "title" in self._open and "head" in self._open:
            self.title += data
        elif data.strip():
            self.shown.append(data.strip())

    def of(self, *names: str) -> list[dict[str, str]]:
        """Return the attributes of every tag with one of these names."""
        return [attributes for tag, attributes in self.tags if tag in names]

    @property
    def text(self) -> str:
        """Return what a person reads, in order."""
        return " ".join(self.shown)


def faults_of(html: str, lang: str = "zh-CN") -> list[str]:
    """Return one sentence for each thing that is wrong with a page."""
    page = Page(html)
    checks = (_head, _one_of_each, _labels, _ids, _addresses, _no_inline, _forms, _words)
    found = [] if html.lstrip().lower().startswith("<!doctype html>") else ["no doctype"]
    if [tag.get("lang") for tag in page.of("html")] != [lang]:
        found.append(f"the page is not marked as {lang}")
    return found + page.faults + [fault for check in checks for fault in check(page)]


def check_page(html: str, lang: str = "zh-CN") -> Page:
    """Fail with every fault of a page; otherwise return it, ready to be asked."""
    found = faults_of(html, lang)
    assert not found, "\n".join(found)
    return Page(html)


def _head(page: Page) -> list[str]:
    found = [] if page.title.strip(" -") else ["the title is empty"]
    metas = {tag.get("name", ""): tag.get("content", "") for tag in page.of("meta")}
    if not metas.get("description", "").strip():
        found.append("no description")
    if "user-scalable" in metas.get("viewport", "user-scalable"):
        found.append("no viewport, or one that stops zooming")
    return found


def _one_of_each(page: Page) -> list[str]:
    wanted = ("h1", "main", "header")
    counts = {name: len(page.of(name)) for name in wanted}
    return [f"{count} x <{name}>" for name, count in counts.items() if count != 1]


def _labels(page: Page) -> list[str]:
    tied = {tag["for"] for tag in page.of("label") if "for" in tag}
    found = []
    for place, (name, tag) in enumerate(page.tags):
        if name not in ("input", "select", "textarea") or tag.get("type") in UNLABELLED:
            continue
        if tag.get("id") not in tied and place not in page.in_label:
            found.append(f"no label for {name} {tag.get('name')}")
    return found


def _ids(page: Page) -> list[str]:
    ids = [tag["id"] for _, tag in page.tags if "id" in tag]
    found = [
        f"the id {name} stands {times} times" for name, times in Counter(ids).items() if times > 1
    ]
    for name, tag in page.tags:
        wanted = " ".join(tag.get(reference, "") for reference in REFERENCES).split()
        href = tag.get("href", "")
        wanted += [href[1:]] if href.startswith("#") and len(href) > 1 else []
        found += [f"<{name}> points at the missing id {one}" for one in wanted if one not in ids]
        if tag.get("aria-invalid") == "true" and "-error" not in tag.get("aria-describedby", ""):
            found.append(f"the error of {tag.get('name')} is not tied to it")
    tied = " ".join(tag.get("aria-describedby", "") for _, tag in page.tags).split()
    loose = [one for one in ids if one.endswith("-error") and one not in tied]
    return found + [f"nothing is tied to {one}" for one in loose]


def _addresses(page: Page) -> list[str]:
    found = []
    for name, tag in page.tags:
        for attribute in ADDRESSES:
            parts = urlsplit(tag.get(attribute, ""))
            if parts.netloc or parts.scheme not in ("", "tel", "data"):
                found.append(f"<{name}> leads outside: {tag[attribute]}")
    return found


def _no_inline(page: Page) -> list[str]:
    banned = ("script", "style", "iframe")
    found = [f"<{name}> on the page" for name, _ in page.tags if name in banned]
    for name, tag in page.tags:
        found += [f"<{name} {key}>" for key in tag if key == "style" or key.startswith("on")]
    return found


def _forms(page: Page) -> list[str]:
    posts = [tag for tag in page.of("form") if tag.get("method", "get").lower() == "post"]
    tokens = [tag for tag in page.of("input") if tag.get("name") == "csrf_token"]
    return [] if len(posts) == len(tokens) else [f"{len(posts)} forms, {len(tokens)} tokens"]


def _words(page: Page) -> list[str]:
    found = WITHIN_WORD.findall(page.text)
    if page.of("html")[0].get("lang") != "en":  # where it is a word
        found += re.findall(r"\bNone\b", page.text)
    return [f"raw value on the page: {hit}" for hit in found]


def english_in(html: str) -> list[str]:
    """Return the English words that a Chinese page shows and has no reason to show."""
    return sorted(set(LATIN.findall(Page(html).text)) - NO_WORDS - CREDITS)
