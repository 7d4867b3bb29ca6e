"""Rows of invented people, employers and plots, gathered and then inserted at once."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import Session, SQLModel

from orchard import db
from orchard.accounts.models import Account, Employer, Grant, Person
from orchard.accounts.rules import EmployerKind, Role
from orchard.places.models import Place
from orchard.places.rules import cell_of, town_of
from orchard.plots.models import Plot
from orchard.synth import bulk, land, names


@dataclass(frozen=True)
class Holder:
    """Who works a plot: a person or an employer, and in which village."""

    village_code: str
    person_id: UUID | None = None
    employer_id: UUID | None = None


@dataclass
class Rows:
    """What was invented and not yet inserted; the same seed and moment give the same rows."""

    rng: Random
    now: datetime
    next_phone: int = 101
    people: list[dict[str, Any]] = field(default_factory=list)
    accounts: list[dict[str, Any]] = field(default_factory=list)
    grants: list[dict[str, Any]] = field(default_factory=list)
    employers: list[dict[str, Any]] = field(default_factory=list)
    plots: list[dict[str, Any]] = field(default_factory=list)

    def grower(self, village_code: str, name: str, *, has_phone: bool = True) -> Holder:
        """Invent a grower; without a phone there is no account."""
        person_id = self._id()
        phone = names.phone(self.next_phone) if has_phone else None
        self.people.append(
            {
                "id": person_id,
                "name": name,
                "phone": phone,
                "village_code": village_code,
                "created_at": self.now,
            }
        )
        if phone:
            self.next_phone += 1
            self._account(person_id, phone, town_of(village_code))
        return Holder(village_code, person_id=person_id)

    def _account(self, person_id: UUID, phone: str, town_code: str) -> None:
        account_id = self._id()
        self.accounts.append(
            {"id": account_id, "person_id": person_id, "phone": phone, "created_at": self.now}
        )
        self.grants.append(
            {
                "id": self._id(),
                "account_id": account_id,
                "role": Role.GROWER,
                "place_code": town_code,
                "granted_at": self.now,
            }
        )

    def employer(self, village_code: str, name: str, kind: EmployerKind) -> Holder:
        """Invent an employer."""
        employer_id = self._id()
        self.employers.append(
            {
                "id": employer_id,
                "name": name,
                "kind": kind,
                "village_code": village_code,
                "verified_at": self.now,
                "created_at": self.now,
            }
        )
        return Holder(village_code, employer_id=employer_id)

    def plot(self, holder: Holder, parcel: land.Parcel, area_x100: int, town: Place) -> None:
        """Give a piece of land to a holder; without a position the town's point stands in."""
        lat = parcel.lat if parcel.lat is not None else town.lat or 0.0
        lon = parcel.lon if parcel.lon is not None else town.lon or 0.0
        elevation = parcel.elevation_m if parcel.elevation_m is not None else town.elevation_m or 0
        self.plots.append(
            {
                "id": self._id(),
                "grower_id": holder.person_id,
                "employer_id": holder.employer_id,
                "village_code": parcel.village_code,
                "name": names.plot_name(self.rng),
                "area_mu_x100": area_x100,
                "variety": parcel.variety,
                "planted_year": parcel.planted_year,
                "tree_count": land.trees(self.rng, area_x100),
                "elevation_m": parcel.elevation_m,
                "lat": parcel.lat,
                "lon": parcel.lon,
                "cell": cell_of(lat, lon, elevation),
                "cell_lat": lat,
                "cell_lon": lon,
                "cell_elevation_m": elevation,
                "created_at": self.now,
            }
        )

    def insert(self, session: Session) -> None:
        """Insert what is held, what is pointed at first, unless it is there already."""
        for model, rows in self._held():
            db.insert_all_once(session, model, rows)
            rows.clear()

    def load(self, session: Session) -> None:
        """Insert what is held into a database that holds none of it, as fast as it takes it."""
        for model, rows in self._held():
            bulk.load_facts(session, model, rows)
            rows.clear()

    def _held(self) -> list[tuple[type[SQLModel], list[dict[str, Any]]]]:
        return [
            (Person, self.people),
            (Account, self.accounts),
            (Employer, self.employers),
            (Grant, self.grants),
            (Plot, self.plots),
        ]

    def _id(self) -> UUID:
        return names.seeded_id(self.rng, self.now)
