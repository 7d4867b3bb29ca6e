"""What fell due each morning, frost as it is forecast, and sending what is owed."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from orchard import clock, db, logs
from orchard.ledger import Run
from orchard.reminders import frost, gateway, queries, services
from orchard.reminders.queries import ToTell
from orchard.reminders.services import Parcel

log = logs.get("jobs")
CHUNK = 1000  # people told in one transaction, so that pages wait for a moment only


def plan(run: Run) -> dict[str, int]:
    """Note what is due on the slot's day and owe each person one message about it."""
    day = clock.local(run.slot).date()
    with run.transaction() as session:
        services.expire(session, now=run.now)
        services.merge_unsent(session, day)
        services.drop_settled(session, day, now=run.now)
        services.plan_dues(session, day, now=run.now)
    with db.reading() as session:
        owed = list(queries.untold(session, day))
    return {"people": _tell(run, owed)}


def warn(run: Run) -> dict[str, int]:
    """Owe a message for each frost night whose level rose above what was told."""
    with db.reading() as session:
        nights = frost.coming_nights(session, run.now)
        owed = frost.untold(session, nights) if nights else []
    return {"nights": len(nights), "people": _tell(run, owed)}


def _tell(run: Run, owed: Sequence[ToTell]) -> int:
    rest = iter(owed)
    while chunk := list(islice(rest, CHUNK)):
        with run.transaction() as session:
            services.tell(session, chunk, now=run.now)
    return len(owed)


def deliver(run: Run) -> dict[str, int]:
    """Send every owed message. Safe to repeat; one failure never holds up the others."""
    counts = Counter({"sent": 0, "failed": 0})
    with run.transaction() as session:
        counts["expired"] = services.expire(session, now=run.now)
    while not run.stopping.is_set():
        with run.transaction() as session:
            claimed = services.claim_messages(session, now=clock.now())
        if not claimed:
            break
        for place, parcel in enumerate(claimed):
            if run.stopping.is_set():
                with run.transaction() as session:
                    services.give_back(session, claimed[place:])
                break
            counts["sent" if _send(run, parcel) else "failed"] += 1
    return dict(counts)


def _send(run: Run, parcel: Parcel) -> bool:
    """Send one message outside any transaction, then note what came of it."""
    run.check()
    try:
        gateway.send(parcel)
    except Exception as error:  # noqa: BLE001 - the edge: one bad message never stops the rest
        log.warning("message_failed", message=str(parcel.id), exc_info=error)
        for_good = isinstance(error, gateway.Unsendable)
        with run.transaction() as session:
            services.mark_failed(session, parcel, now=clock.now(), for_good=for_good)
        return False
    with run.transaction() as session:
        services.mark_sent(session, parcel, now=clock.now())
    return True
