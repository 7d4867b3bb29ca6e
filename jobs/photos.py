"""Photos are drawn anew, so that nothing of the phone that took them is ever shown."""

from datetime import timedelta

from orchard import db
from orchard.ledger import Run
from orchard.visits import photos

AT_ONCE = 20  # of one run; the next comes a minute later
ORPHANED_AFTER = timedelta(days=1)  # no form takes longer to be saved than this


def draw(run: Run) -> dict[str, int]:
    """Draw what waits, note it, and delete what the phone sent."""
    from orchard.visits import images

    counts = {"drawn": 0, "broken": 0}
    with db.reading() as session:
        waiting = photos.waiting(session, AT_ONCE)
    for photo_id in waiting:
        if run.stopping.is_set():
            break
        size = images.draw(photo_id)
        with run.transaction() as session:
            photos.note_drawn(session, photo_id, size, now=run.now)
        photos.forget_upload(photo_id)
        counts["drawn" if size else "broken"] += 1
    return counts


def sweep(run: Run) -> dict[str, int]:
    """Delete files and drafts whose request failed after they were written."""
    with db.reading() as session:
        lost = photos.orphans(session, run.now - ORPHANED_AFTER)
    for path in lost:
        path.unlink(missing_ok=True)
    return {"deleted": len(lost)}
