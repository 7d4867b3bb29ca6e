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
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(_Places("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[stream])
    structlog.configure(
        processors=[
            _without_people,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _where_it_broke,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def only_warnings() -> None:
    """Leave out what went well: for a person who looks at the terminal."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def _where_it_broke(_logger: Any, _method: str, line: structlog.types.EventDict) -> Any:
    """Say type and place of an exception; its message may hold what a person typed."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        line["at"] = _places(error)
    return line


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-6:]]


class _Places(logging.Formatter):
    """What libraries log of an exception: type and places, as in our own lines."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name of the base class
        return f"{ei[0].__name__} at {' '.join(_places(ei[1]))}"


def _without_people(_logger: Any, _method: str, line: structlog.types.EventDict) -> Any:
    return {key: "-" if key in FORBIDDEN else value for key, value in line.items()}


def get(name: str) -> Any:
    """Return the logger of one part of the program."""
    return structlog.get_logger(part=name)
