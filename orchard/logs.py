"""Structured log lines: key=value facts and counts, never a name, a phone or a position."""

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog

FORBIDDEN = frozenset({"name", "phone", "lat", "lon", "id_number", "pin", "password", "token"})


def set_up() -> None:
    """Write JSON lines with UTC time stamps to the standard error stream."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            _without_people,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _where_it_broke,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _where_it_broke(_logger: Any, _method: str, line: structlog.types.EventDict) -> Any:
    """Say type and place of an exception; its message may hold what a person typed."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        line["error"] = type(error).__name__
        line["at"] = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-6:]]
    return line


def _without_people(_logger: Any, _method: str, line: structlog.types.EventDict) -> Any:
    return {key: "-" if key in FORBIDDEN else value for key, value in line.items()}


def get(name: str) -> Any:
    """Return the logger of one part of the program."""
    return structlog.get_logger(part=name)
