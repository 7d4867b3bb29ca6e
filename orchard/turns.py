"""Whose turn it is to write: one after another, in the order in which they came."""

import threading
from collections import deque

from orchard.errors import Busy


class FairLock:
    """First come, first served; SQLite's own wait is not, and lets one writer starve."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def acquire(self, wait_s: float) -> None:
        """Wait for our turn, or raise Busy."""
        turn = threading.Event()
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            self._waiting.append(turn)
        if not turn.wait(wait_s):
            with self._guard:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                    raise Busy

    def release(self) -> None:
        """Hand over to whoever waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
