"""What people type about employers, openings, people and hires; the JSON interface shares it."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from orchard import units
from orchard.accounts.rules import EmployerKind, Sex
from orchard.fields import (
    AsNone,
    Day,
    Input,
    Line,
    LongLine,
    OptionalDay,
    OptionalId,
    OptionalPhone,
    PersonName,
    Version,
    wrong,
)
from orchard.hiring.openings import Offer
from orchard.hiring.roster import NewPerson
from orchard.hiring.rules import (
    PayBasis,
    RecognitionEventKind,
    Relation,
    StatusKind,
    rate_from,
)
from orchard.hiring.services import HireFacts


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise wrong("web.form.whole_number")
    if isinstance(value, str):
        try:
            return units.to_integer(value)
        except units.UnitError:
            raise wrong("web.form.whole_number") from None
    return value


def _rate(value: Any) -> Any:
    if not isinstance(value, str):
        raise wrong("hiring.form.rate")
    try:
        rate = rate_from(value)
    except units.UnitError:
        raise wrong("hiring.form.rate") from None
    if rate <= 0:
        raise wrong("hiring.form.rate")
    return rate


def _plain(value: Any) -> Any:
    return units.plain(value) if isinstance(value, str) else value


Number = Annotated[int, BeforeValidator(_number), Field(ge=1, le=1_000_000)]
RateFenX100 = Annotated[int, BeforeValidator(_rate)]
VillageCode = Annotated[str, BeforeValidator(_plain), Field(pattern=r"^[0-9]{12}$")]
PlaceCode = Annotated[str, BeforeValidator(_plain), Field(pattern=r"^[0-9]{9}([0-9]{3})?$")]
Registered = Annotated[str, BeforeValidator(_plain), Field(pattern=r"^[0-9]{6}([0-9]{6})?$")]
OptionalRegistered = Annotated[Registered | None, AsNone]
WorkCode = Annotated[str, StringConstraints(min_length=1, max_length=20)]
OptionalSex = Annotated[Sex | None, AsNone]


class EmployerForm(Input):
    """A new employer; its id was made when the form was shown."""

    id: UUID
    name: Line
    kind: EmployerKind = EmployerKind.HOUSEHOLD
    village_code: VillageCode


class CorrectEmployerForm(Input):
    """A corrected name and village, and what stood there when the form was shown."""

    name: Line
    village_code: VillageCode
    seen_name: Line
    seen_village_code: VillageCode


class StepForm(Input):
    """One step of a workshop's recognition."""

    id: UUID
    kind: RecognitionEventKind
    on_day: Day


class OfferFacts(Input):
    """What an employer offers, but the rate."""

    work: WorkCode
    workplace_code: PlaceCode
    people: Number
    first_day: Day
    days: Number
    basis: PayBasis
    note: LongLine = ""

    def at_rate(self, rate_fen_x100: int) -> Offer:
        """Return the offer under the names it is stored by."""
        facts = self.model_dump(include=set(Offer.__dataclass_fields__))
        return Offer(**facts, rate_fen_x100=rate_fen_x100)


class OfferForm(OfferFacts):
    """What an employer offers, with the rate as typed in yuan."""

    rate: RateFenX100

    def offer(self) -> Offer:
        """Return the offer under the names it is stored by."""
        return self.at_rate(self.rate)


class NewOpeningForm(OfferForm):
    """A new opening of an employer that the caller manages."""

    id: UUID
    employer_id: OptionalId = None


class ChangeOpeningForm(OfferForm):
    """A change of the version that was seen."""

    version: Version


class PersonForm(Input):
    """Somebody to register with an employer; same_as or is_new answer who looks like him."""

    id: UUID
    name: PersonName
    sex: OptionalSex = None
    born_on: OptionalDay = None
    registered_code: OptionalRegistered = None
    phone: OptionalPhone = None
    same_as: OptionalId = None
    is_new: bool = False

    def person(self, employer_id: UUID) -> NewPerson:
        """Return whom to register with an employer."""
        return NewPerson(**self.model_dump(), employer_id=employer_id)


class PersonFactsForm(Input):
    """What is filled in or corrected of somebody on the roster."""

    name: PersonName
    sex: OptionalSex = None
    born_on: OptionalDay = None
    registered_code: OptionalRegistered = None
    phone: OptionalPhone = None


class HireForm(Input):
    """What an employer says about a hire."""

    crew_id: OptionalId = None
    work: WorkCode
    workplace_code: PlaceCode
    registered_code: OptionalRegistered = None
    relation: Relation
    basis: PayBasis
    started_on: Day
    terms: LongLine = ""

    def facts(self) -> HireFacts:
        """Return what may be changed of a hire."""
        return HireFacts(**self.model_dump(include=set(HireFacts.__dataclass_fields__)))


class NewHireForm(HireForm):
    """A new hire; its id was made when the form was shown."""

    id: UUID
    person_id: UUID
    employer_id: UUID
    opening_id: OptionalId = None


class ChangeHireForm(HireForm):
    """A change of the version that was seen."""

    version: Version


class EndHireForm(Input):
    """The last day of a hire."""

    ended_on: Day
    version: Version


class AnswerForm(Input):
    """What a worker says to the version of a hire that he saw."""

    version: Version
    note: LongLine = ""


class CrewForm(Input):
    """A new crew."""

    id: UUID
    name: Line


class ReasonForm(Input):
    """Why a status is looked at."""

    reason: Annotated[LongLine, Field(min_length=1)]


class StatusForm(ReasonForm):
    """From when to when somebody was registered as what."""

    id: UUID
    kind: StatusKind
    from_on: Day
    until_on: OptionalDay = None


class DecisionForm(Input):
    """Whether two records are one person."""

    id: UUID
    person_id: UUID
    other_id: UUID
    is_same: bool
