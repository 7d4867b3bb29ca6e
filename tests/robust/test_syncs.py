"""No write is acknowledged before the disk has it: counted at the system calls of the server.

Kills cannot tell (reliability.md 0, row 9): what the kernel holds survives a killed process.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orchard.ids import new_id
from tests import make, server
from tests.robust.cast import fill
from tests.robust.load import Program

WRITES = 20
BY_LINE = ("strace", "-f", "-y", "-s", "16", "-e", "trace=fsync,fdatasync,sendto,write,writev")
CALL = re.compile(r"^(\d+) +(\w+)\((\d+<[^>]*>)?")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>")
BODY = {"name": "坡", "village_code": make.VILLAGE, "area_mu": "2", "variety": "chunjin"}


def events(log: str) -> list[str]:
    """Return "sync" and "answer" in the order in which syncs ended and answers began."""
    found: list[str] = []
    waiting: dict[str, bool] = {}
    for line in log.splitlines():
        call, resumed = CALL.match(line), RESUMED.match(line)
        if call and call[2] in ("fsync", "fdatasync"):
            is_log = "-wal" in (call[3] or "")
            if "unfinished" in line:
                waiting[call[1]] = is_log
            elif is_log and line.endswith("= 0"):
                found.append("sync")
        elif resumed and waiting.pop(resumed[1], False) and line.endswith("= 0"):
            found.append("sync")
        elif '"HTTP/1.1 20' in line:
            found.append("answer")
    return found


def test_every_acknowledged_write_was_synced_before(
    sqlite_database: Path, say: Callable[[str], None]
) -> None:
    if shutil.which("strace") is None:
        pytest.skip("there is no strace here; .ci/run installs it")
    cast = fill(managers=1)
    trace = sqlite_database.parent / "trace.txt"
    with server.running(under=(*BY_LINE, "-o", str(trace))) as running:
        program = Program(running, cast.managers[0])
        program.call("GET", "/plots")
        before = len(events(trace.read_text()))
        for _ in range(WRITES):
            status, made = program.call("POST", "/plots", {**BODY, "id": str(new_id())})
            assert status == 201, made
        program.call("GET", "/plots")
        seen = events(trace.read_text())[before:]
    answers = "".join("a" if event == "answer" else "s" for event in seen)
    say(f"{WRITES} acknowledged writes, {answers.count('s')} syncs of the log, in order")
    *writes, read, rest = answers.split("a")
    assert len(writes) == WRITES
    assert all(writes), f"an answer left before a sync: {answers}"
    assert (read, rest) == ("", ""), "a page that only reads synced something"
