"""What all tables have in common: their names, their rows, and columns of an enumeration."""

import re
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Enum
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Record(SQLModel):
    """A row of a table. Rows are not validated again, so what would do that is built on demand."""

    model_config = {"defer_build": True}


def table_info(scope: str = "county") -> dict[str, Any]:
    """Return the table arguments that say whether rows are a county's own or shared."""
    return {"info": {"scope": scope}}


def enum_column(kind: type[StrEnum], **options: Any) -> Column[Any]:
    """Return a text column that holds only the values of an enumeration, checked by the database.

    SQLModel itself would store a value that does not exist.
    """
    values = Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=20,
        name=re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(),
    )
    return Column(values, **{"nullable": False, **options})
