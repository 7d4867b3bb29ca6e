"""What a task is called: by the calendar, or by the room above that it came from."""

from collections.abc import Callable, Collection, Iterable

from sqlmodel import Session

from orchard.tasks.models import PRESCRIPTION, Task
from orchard.tasks.queries import TaskLine

# Rooms above give the keys of names by occurrence: the roots fill this list.
namers: list[Callable[[Session, Collection[str]], dict[str, str]]] = []
_known: dict[str, str] = {}  # what was prescribed keeps its id and its name for ever
MOST_KNOWN = 10_000


def given_names(session: Session, tasks: Iterable[Task | TaskLine]) -> dict[str, str]:
    """Return the keys of the names of technicians' tasks, by occurrence; each is asked for once."""
    wanted = {task.occurrence for task in tasks if task.code == PRESCRIPTION}
    found = {each: name for each in wanted if (name := _known.get(each))}
    missing = wanted - found.keys()
    for namer in namers if missing else []:
        found |= namer(session, missing)
    if len(_known) > MOST_KNOWN:
        _known.clear()
    _known.update(found)
    return found


def name_key(session: Session, task: Task) -> str:
    """Return the key of one task's name."""
    return given_names(session, [task]).get(task.occurrence, f"tasks.name.{task.code}")
