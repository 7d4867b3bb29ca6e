"""Every sentence exists in both languages, is compiled, and is never shown as a raw key."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from orchard import words

ROOT = Path(__file__).parent.parent
USED = re.compile(r"""\bt\(\s*["']([a-z0-9_]+(?:\.[a-zA-Z0-9_]+)+)["']\s*[,)]""")
FIELDS = re.compile(r"\{(\w+)\}")


def catalogue(locale: str, name: str):
    path = words.FOLDER / locale / "LC_MESSAGES" / f"{name}.po"
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def names() -> list[str]:
    return sorted({source.stem for source in words.sources()})


@pytest.mark.parametrize("name", names())
def test_both_languages_have_the_same_keys_and_fields(name):
    chinese, english = (
        {
            m.id if isinstance(m.id, str) else m.id[0]: m.string
            for m in catalogue(locale, name)
            if m.id
        }
        for locale in words.LOCALES
    )
    assert chinese.keys() == english.keys()
    for key, sentence in chinese.items():
        texts = [sentence if isinstance(sentence, str) else sentence[-1]]
        other = english[key]
        texts.append(other if isinstance(other, str) else other[-1])
        assert all(texts), key
        assert set(FIELDS.findall(texts[0])) == set(FIELDS.findall(texts[1])), key


@pytest.mark.parametrize(
    "source", words.sources(), ids=lambda path: f"{path.parts[-3]}-{path.stem}"
)
def test_compiled_catalogues_are_fresh(source):
    assert source.with_suffix(".mo").read_bytes() == words.compiled(source)


@pytest.mark.parametrize("name", names())
def test_chinese_sentences_hold_no_english(name):
    allowed = re.compile(
        r"Orchard|orchard|ORCHARD_[A-Z_]+|Open-Meteo\S*|CC BY 4\.0|JSON|GeoNames|English"
        r"|db upgrade|https?|PostgreSQL|pg_dump|Windows|iPhone|iPad|Android|Linux"
    )
    for message in catalogue("zh_CN", name):
        texts = [message.string] if isinstance(message.string, str) else message.string
        for text in texts if message.id else []:
            left = allowed.sub("", FIELDS.sub("", text))
            assert not re.search(r"[A-Za-z]{4,}", left), (message.id, text)


def keys_in_code() -> set[str]:
    found = set()
    for page in (ROOT / "templates").glob("**/*.html"):
        found |= set(USED.findall(page.read_text("utf-8")))
    for path in [*ROOT.glob("orchard/**/*.py"), *ROOT.glob("jobs/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code"
            if named and isinstance(node.value, ast.Constant):
                found.add(node.value.value)
    return found


def test_every_key_that_pages_and_refusals_use_has_a_sentence():
    assert sorted(key for key in keys_in_code() if not words.knows(key)) == []


def test_an_unknown_key_is_an_error_and_never_shown():
    with pytest.raises(KeyError):
        words.text("zh_CN", "web.no_such_key")
