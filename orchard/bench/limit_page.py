"""The least that a list page can cost: fifty rows by index into a prepared template.

No sign-in, no language, no permission; the same embedded server with the same settings.
"""

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

from jinja2 import Environment

PLOTS, TOWNS, ROWS, TOWN = 34_500, 40, 50, 7
PAGE = """<!doctype html><html lang="zh"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{{ town }}</title></head><body>
<h1>{{ town }}</h1><table>{% for id, name, variety, mu, due, owner in rows %}
<tr><td><a href="/plots/{{ id }}">{{ name }}</a></td><td>{{ variety }}</td>
<td>{{ "%.1f"|format(mu) }}</td><td>{{ due }}</td><td>{{ owner }}</td></tr>
{%- endfor %}</table></body></html>"""
QUERY = (
    "SELECT id, name, variety, mu, due_on, owner FROM plot WHERE town = ? ORDER BY due_on LIMIT ?"
)


def build(path: Path) -> None:
    """Write the plots that the page reads."""
    rng = Random(7)
    rows = (
        (
            number,
            f"地块{number:05d}",
            rng.choice(("W默科特", "春锦橙", "纽荷尔", "沃柑")),
            rng.random() * 30,
            f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            f"果农{rng.randint(1, 9999)}",
            number % TOWNS,
        )
        for number in range(PLOTS)
    )
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE plot (id INTEGER PRIMARY KEY, name TEXT, variety TEXT, mu REAL,"
            " due_on TEXT, owner TEXT, town INTEGER)"
        )
        connection.executemany("INSERT INTO plot VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("CREATE INDEX plot_town ON plot (town, due_on)")
    connection.close()


def application(path: Path) -> Callable[..., Iterable[bytes]]:
    """Return the bare WSGI application over a built database."""
    template = Environment(autoescape=True).from_string(PAGE)
    own = threading.local()

    def answer(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if not hasattr(own, "connection"):
            own.connection = sqlite3.connect(path)
        rows = own.connection.execute(QUERY, (TOWN, ROWS)).fetchall()
        body = template.render(town="竹溪镇", rows=rows).encode()
        kind = ("Content-Type", "text/html; charset=utf-8")
        start("200 OK", [kind, ("Content-Length", str(len(body)))])
        return [body]

    return answer


def main(path: str, port: str, threads: str) -> None:
    """Serve the page until the process is ended."""
    from waitress import serve

    serve(
        application(Path(path)),
        host="127.0.0.1",
        port=int(port),
        threads=int(threads),
        ident="",
        connection_limit=1000,
        asyncore_use_poll=True,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
