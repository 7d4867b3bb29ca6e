"""The manager's pay ledger of a month: a page with masked numbers, and the file in full."""

from datetime import date, timedelta

from flask import g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from orchard import clock, db, units, words
from orchard.accounts.rules import NotProved
from orchard.wages import ledger
from orchard.wages.ledger import Entry, Item
from orchard.wages.rules import FIRST_MONTH, last_of_month
from orchard.wages.work_views import asked_month, bp

__all__ = ["bp"]
HEAD = (
    *["employer", "paid_on", "name", "number", "phone", "time", "due", "due_sum"],
    *["withheld", "paid", "means", "proof"],
)


@bp.get("/pay/ledger")
def ledger_page() -> str:
    """Show what was paid in a month, and what the ledger still lacks."""
    first, last = _month()
    with db.reading() as reading:
        found = ledger.entries(reading, g.caller, first, last)
    return render_template(
        "wages/ledger.html",
        entries=found,
        first=first,
        is_verified=all(one.is_verified for one in found),
        gaps=sum(one.gaps for one in found),
        before=(first - timedelta(days=1)).replace(day=1) if first > FIRST_MONTH else None,
        after=last + timedelta(days=1) if last < clock.today() else None,
    )


@bp.get("/pay/ledger.csv")
def ledger_file() -> Response:
    """Hand the ledger out with full ID numbers, once the secret was given again; audited."""
    first, last = _month()
    month = f"{first:%Y-%m}"
    try:
        with db.transaction() as writing:
            found = ledger.entries(writing, g.caller, first, last)
            numbers = ledger.open_numbers(writing, g.caller, found, now=clock.now())
    except NotProved:
        to = url_for("wages.ledger_file", month=month)
        return redirect(url_for("accounts.prove", to=to), code=303)
    head = [words.text(g.locale, f"wages.ledger.{name}") for name in HEAD]
    text = ledger.as_csv(head, [_row(one, numbers.get(one.person.id, "")) for one in found])
    answer = Response(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="ledger-{month}.csv"'
    return answer


def _month() -> tuple[date, date]:
    first = asked_month()
    return first, last_of_month(first)


def _row(one: Entry, number: str) -> list[str]:
    payment = one.payment
    return [
        one.employer,
        payment.paid_on.isoformat(),
        one.person.name,
        ledger.grouped(number),
        (one.phone or "").removeprefix("+86"),
        "; ".join(_time(item) for item in one.items),
        "; ".join(
            f"{_word('hiring.work', item.work)} {ledger.yuan(item.amount_fen)}"
            for item in one.items
        ),
        ledger.yuan(one.due_fen),
        ledger.yuan(one.deducted_fen),
        ledger.yuan(payment.amount_fen),
        _word("wages.means", payment.means),
        _word("wages.proof_of", one.proof),
    ]


def _time(item: Item) -> str:
    unit = _word("wages.unit", item.basis)
    quantity = f"{units.signed_x100_to_text(item.quantity_x100)} {unit}"
    return (
        quantity
        if item.basis == "day"
        else f"{quantity} / {item.days} {_word('wages.unit', 'day')}"
    )


def _word(kind: str, code: str) -> str:
    return words.text(g.locale, f"{kind}.{code}")
