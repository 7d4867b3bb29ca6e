"""Many browsers that press the same button at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any


def at_once(times: int, act: Callable[[], Any]) -> list[Any]:
    """Call something from many threads that all start together; return every answer."""
    gate = Barrier(times)

    def one() -> Any:
        gate.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(times) as pool:
        return [done.result(timeout=120) for done in [pool.submit(one) for _ in range(times)]]
