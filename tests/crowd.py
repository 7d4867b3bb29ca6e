"""Many browsers that press the same button at the same moment."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

Got = TypeVar("Got")
Work = TypeVar("Work")


def each_at_once(act: Callable[[Work], Got], works: Iterable[Work]) -> list[Got]:
    """Do something with each from threads that all start together.

    Every answer is returned, in the order given; the first failure is raised.
    """
    todo = list(works)
    gate = Barrier(len(todo))

    def one(work: Work) -> Got:
        gate.wait(timeout=30)
        return act(work)

    with ThreadPoolExecutor(len(todo)) as crowd:
        return list(crowd.map(one, todo))


def at_once(times: int, act: Callable[[], Any]) -> list[Any]:
    """Call something from many threads that all start together; return every answer."""
    return each_at_once(lambda _: act(), range(times))
