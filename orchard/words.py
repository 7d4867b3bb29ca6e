"""Every sentence that people read, by dotted key; the key's first part names the catalogue."""

from datetime import UTC, date, datetime
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = ("zh_CN", "en")
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)  # a real moment would change the file each time
FOLDER = Path(__file__).parent / "translations"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def text(locale: str, key: str, **values: Any) -> str:
    """Return the sentence for a key, with its {named} parts filled in.

    With n among the values the plural form is chosen. An unknown key raises KeyError:
    a raw key must never reach a page.
    """
    found = _counted(locale, key, values["n"]) if "n" in values else _sentence(locale, key)
    return found.format_map(values) if values else found


@lru_cache(maxsize=4096)
def _counted(locale: str, key: str, n: Any) -> str:
    """Return the form of a sentence for a number."""
    found = _catalogue(locale, key.partition(".")[0]).ngettext(key, key, n)
    return _sentence(locale, key) if found == key else found


@cache
def _sentence(locale: str, key: str) -> str:
    """Return a sentence as it stands in its catalogue; a page has a hundred of them."""
    found = _catalogue(locale, key.partition(".")[0]).gettext(key)
    if found == key:
        raise KeyError(key)
    return found


def weekday(locale: str, day: date) -> str:
    """Return the name of a date's day of the week."""
    return text(locale, f"web.weekday.{WEEKDAYS[day.weekday()]}")


def knows(key: str) -> bool:
    """Say whether a key has a sentence."""
    return _catalogue(LOCALES[0], key.partition(".")[0]).gettext(key) != key


@cache
def _catalogue(locale: str, name: str) -> NullTranslations:
    path = _folder(locale) / f"{name}.mo"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        return GNUTranslations(file)


def _folder(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES"


def sources() -> list[Path]:
    """Return the catalogues as people edit them."""
    return sorted(path for locale in LOCALES for path in _folder(locale).glob("*.po"))


def compiled(source: Path) -> bytes:
    """Return the compiled form of one catalogue; the same source gives the same bytes."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parts[-3])
    catalogue.creation_date = MADE_AT
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def compile_all() -> int:
    """Put the compiled form beside each catalogue, whole at once; return how many there are."""
    for source in sources():
        written = source.with_suffix(".mo.new")
        written.write_bytes(compiled(source))
        written.replace(source.with_suffix(".mo"))
    _catalogue.cache_clear()
    _sentence.cache_clear()
    _counted.cache_clear()
    return len(sources())
