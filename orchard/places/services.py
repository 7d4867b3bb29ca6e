"""Loading the divisions of a county from the files that ship with the product."""

import csv
from importlib.resources import files

from sqlmodel import Session

from orchard import db
from orchard.places.models import Place
from orchard.places.rules import Level, county_of


def load_places(session: Session, county: str) -> int:
    """Insert the places of one county that are not there yet; return how many the file has.

    Divisions: National Bureau of Statistics, 2023 edition. Points: GeoNames and others, each
    row with its source (data/town_points.csv).
    """
    points = {row["code"]: row for row in _rows("town_points.csv")}
    rows = [
        {
            "code": row["code"],
            "name": row["name"],
            "level": Level(row["level"]),
            "parent_code": row["parent"] or None,
            **_point(points.get(row["code"])),
        }
        for row in _rows("divisions.csv")
        if county_of(row["code"]) == county
    ]
    db.insert_all_once(session, Place, rows)
    return len(rows)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("orchard.places").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _point(row: dict[str, str] | None) -> dict[str, object]:
    if row is None:
        row = {"lat": "", "lon": "", "elevation_m": "", "source": "", "confidence": ""}
    return {
        "lat": float(row["lat"]) if row["lat"] else None,
        "lon": float(row["lon"]) if row["lon"] else None,
        "elevation_m": int(row["elevation_m"]) if row["elevation_m"] else None,
        "point_source": row["source"] or None,
        "point_confidence": row["confidence"] or None,
    }
