"""How one process makes pages and runs jobs without the one holding up the other."""

import ctypes
import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SWITCH_S = 0.0005  # a page waits this long for a busy job, each time it needs the interpreter
ARENAS = 2  # of memory; glibc would give each thread one, and keep in it what a job once took
M_ARENA_MAX = -8  # mallopt(3)


@contextmanager
def starting() -> Iterator[None]:
    """Look for no garbage among what a start makes, neither now nor later: it is there to stay."""
    sys.setswitchinterval(SWITCH_S)
    _share_memory()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _share_memory() -> None:
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and no arenas
        if set_option:
            set_option(M_ARENA_MAX, ARENAS)


def before_jobs(app: "WSGIApplication") -> "WSGIApplication":
    """Let the jobs of this process make way while a page is made."""
    from orchard.turns import pages

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with pages.one():
            return app(environ, start_response)

    return answer
