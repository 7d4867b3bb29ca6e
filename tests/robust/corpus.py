"""The bad inputs, read from the files whose README says where they come from."""

import base64
import csv
import json
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent / "corpora"


def lines(name: str) -> list[str]:
    """Return the lines of a file as they are, but for what ends them."""
    text = (HERE / name).read_bytes().decode("utf-8", "replace")
    return [line for line in text.replace("\r\n", "\n").split("\n") if line]


def values(name: str) -> list[str]:
    """Return the first column of a table."""
    with (HERE / "strings" / name).open(newline="", encoding="utf-8") as file:
        return [row["value"] for row in csv.DictReader(file)]


def naughty() -> list[str]:
    """Return the big list of naughty strings."""
    found: list[str] = json.loads((HERE / "strings" / "blns.json").read_text())
    return found


@cache
def strings() -> tuple[str, ...]:
    """Return every string to be typed, once each."""
    files = [path for folder in ("strings", "injection") for path in (HERE / folder).glob("*.txt")]
    found = [
        *naughty(),
        *values("person-names.csv"),
        *values("quantities.csv"),
        *(line for path in sorted(files) for line in lines(f"{path.parent.name}/{path.name}")),
        "长" * 5000,
        "\x00",
        "坡\x00",
        "e\u0301" * 20,
        " 坡 ",
        "\ufeff坡",
    ]
    return tuple(dict.fromkeys(found))


@cache
def for_addresses() -> tuple[str, ...]:
    """Return what is put behind a question mark."""
    names = ("patt-directory-traversal.txt", "fuzzdb-crlf.txt", "fuzzdb-hpp.txt")
    injected = [line for name in names for line in lines(f"injection/{name}")]
    injected += [
        line
        for path in sorted((HERE / "injection").glob("payloadbox-sqli-*.txt"))
        for line in lines(f"injection/{path.name}")
    ]
    numbers = ["-1", "0", "x", "1000000000", "9" * 400, "1e9", "0x10", "NaN", "", "１", "\x00"]
    return tuple(dict.fromkeys([*numbers, *injected]))


@cache
def bodies() -> tuple[tuple[str, str, bytes], ...]:
    """Return (name, what a parser must do, body) of every JSON file."""
    rows = [json.loads(line) for line in lines("json/jsontestsuite.jsonl")]
    return tuple((row["name"], row["expect"], base64.b64decode(row["base64"])) for row in rows)
