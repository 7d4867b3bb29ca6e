"""The counts by plain Python over exported rows: no SQL but SELECT *, nothing of the product."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

TABLES = ("employer", "hire", "workday", "status_period", "same_person", "pay_line")
KINDS = (
    "household",
    "cooperative",
    "company",
    "plantation",
    "workshop",
    "household_unverified",
)


def export(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Return every row of the tables that a count is made of, as text and numbers."""
    found = {}
    for table in TABLES:
        rows = session.execute(text(f"SELECT * FROM {table}")).mappings()  # noqa: S608
        found[table] = [{name: _plain(value) for name, value in row.items()} for row in rows]
    return found


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, int | bool):
        return value
    return str(value).replace("-", "") if len(str(value)) == 36 else str(value)


def count(rows: dict, place: str, first: date, last: date, kind=None, employer=None) -> dict:
    """Return the counts in the shape of decision 27, without names."""
    same = {row["person_id"]: row["other_id"] for row in rows["same_person"]}
    employers = {row["id"]: row for row in rows["employer"]}
    worked = defaultdict(dict)
    for row in rows["workday"]:
        if row["half_days"] > 0 and str(first) <= row["day"] <= str(last):
            worked[row["hire_id"]][row["day"]] = row["half_days"]
    status = defaultdict(list)
    for row in rows["status_period"]:
        person = same.get(row["person_id"], row["person_id"])
        status[person].append((row["from_on"], row["until_on"] or "9999"))
    paid = defaultdict(int)
    for row in rows["pay_line"]:
        if str(first) <= row["worked_on"] <= str(last):
            paid[row["hire_id"]] += row["amount_fen"]
    hires = []
    for row in rows["hire"]:
        days = worked.get(row["id"])
        by = employers[row["employer_id"]]
        its_kind = by["kind"]
        if its_kind == "household" and by["verified_at"] is None:
            its_kind = "household_unverified"
        if not days or not row["workplace_code"].startswith(place):
            continue
        if kind and its_kind != kind or employer and row["employer_id"] != employer:
            continue
        person = same.get(row["person_id"], row["person_id"])
        lifted = any(a <= day <= b for day in days for a, b in status[person])
        home, work = row["registered_code"] or "", row["workplace_code"]
        hires.append(
            {
                "person": person,
                "employer": row["employer_id"],
                "kind": its_kind,
                "half_days": sum(days.values()),
                "fen": paid[row["id"]],
                "lifted": lifted,
                "village": len(home) == 12 and home == work,
                "town": len(home) >= 9 and home[:9] == work[:9],
                "district": home[:6] == work[:6],
            }
        )
    alone = employer or kind == "household_unverified"
    ids = sorted({hire["employer"] for hire in hires})
    return {
        "total": block([h for h in hires if alone or h["kind"] != "household_unverified"]),
        "by_kind": {k: block([h for h in hires if h["kind"] == k]) for k in KINDS},
        "by_employer": {id: block([h for h in hires if h["employer"] == id]) for id in ids},
    }


def block(hires: list[dict]) -> dict:
    """Return one block of some hires."""
    days = Decimal(sum(hire["half_days"] for hire in hires)) / 2
    lifted = [hire for hire in hires if hire["lifted"]]
    return {
        "persons": len({hire["person"] for hire in hires}),
        "person_workplaces": len({(hire["person"], hire["employer"]) for hire in hires}),
        "hires": len(hires),
        "person_days": int(days) if days == int(days) else float(days),
        "fte": float((days / 250).quantize(Decimal("0.01"), ROUND_HALF_UP)),
        "wages_fen": sum(hire["fen"] for hire in hires),
        "lifted_out": {
            "persons": len({hire["person"] for hire in lifted}),
            "person_workplaces": len({(hire["person"], hire["employer"]) for hire in lifted}),
        },
        "local": {
            level: len({hire["person"] for hire in hires if hire[level]})
            for level in ("village", "town", "district")
        },
    }
