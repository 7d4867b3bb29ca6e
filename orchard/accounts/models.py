"""People, accounts, what they may do, and the doors they come through."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from orchard import tables
from orchard.accounts.rules import EmployerKind, Role, SecretKind, Sex
from orchard.ids import new_id


class Person(tables.Record, table=True):
    """A human being, with or without a phone of his own (人)."""

    __table_args__ = (Index("ix_person_list", "name", "id"), tables.table_info())

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=40)
    phone: str | None = Field(default=None, max_length=20)
    sex: Sex | None = Field(default=None, sa_column=tables.enum_column(Sex, nullable=True))
    born_on: date | None = None
    village_code: str | None = Field(default=None, foreign_key="place.code", index=True)
    created_at: datetime


class Employer(tables.Record, table=True):
    """Who hires: from a household to a company (用工方)."""

    __table_args__ = (tables.table_info(),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=60)
    kind: EmployerKind = Field(sa_column=tables.enum_column(EmployerKind))
    village_code: str = Field(foreign_key="place.code", index=True)
    opened_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    verified_at: datetime | None = None
    created_at: datetime


class Account(tables.Record, table=True):
    """The one way in of one person: one phone, one account, several roles (账号)."""

    __table_args__ = (tables.table_info(),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", unique=True)
    phone: str = Field(max_length=20, unique=True)
    secret_hash: str | None = Field(default=None, max_length=200)
    secret_kind: SecretKind | None = Field(
        default=None, sa_column=tables.enum_column(SecretKind, nullable=True)
    )
    locale: str | None = Field(default=None, max_length=10)
    created_at: datetime
    disabled_at: datetime | None = None


class Grant(tables.Record, table=True):
    """One role of an account, at a place or for an employer (授权)."""

    __tablename__ = "account_grant"
    __table_args__ = (
        CheckConstraint("(place_code IS NULL) <> (employer_id IS NULL)", name="one_scope"),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    role: Role = Field(sa_column=tables.enum_column(Role))
    place_code: str | None = Field(default=None, foreign_key="place.code", index=True)
    employer_id: UUID | None = Field(default=None, foreign_key="employer.id", index=True)
    granted_by_id: UUID | None = Field(default=None, foreign_key="account.id")
    granted_at: datetime
    ended_at: datetime | None = None


class Device(tables.Record, table=True):
    """A phone or browser that was let in for one account by a one-time link (设备)."""

    __table_args__ = (UniqueConstraint("secret_hash", "account_id"), tables.table_info())

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    secret_hash: str = Field(max_length=64)
    let_in_at: datetime
    ended_at: datetime | None = None


class SignInSession(tables.Record, table=True):
    """One signed-in browser; ending the row ends it at the next request (会话)."""

    __tablename__ = "session"
    __table_args__ = (tables.table_info(),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    begun_at: datetime
    seen_at: datetime
    proved_at: datetime
    ended_at: datetime | None = None
    browser: str = Field(default="", max_length=40)


class Invitation(tables.Record, table=True):
    """A one-time link or printed card that lets a device in (邀请)."""

    __table_args__ = (tables.table_info(),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    made_by_id: UUID | None = Field(default=None, foreign_key="account.id")
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    finished_at: datetime | None = None


class SignInAttempt(tables.Record, table=True):
    """One try at a door; holds keyed hashes, so that it is no list of phones."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (tables.table_info(),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    phone_hash: str = Field(max_length=64, index=True)
    address_hash: str = Field(max_length=64, index=True)
    tried_at: datetime = Field(index=True)
    succeeded: bool = False


class AuditLine(tables.Record, table=True):
    """Who did what to which record, when and from which office; never what it said."""

    __tablename__ = "audit_line"
    __table_args__ = (tables.table_info(),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(index=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    action: str = Field(max_length=60)
    subject: str = Field(max_length=80, index=True)
    place_code: str | None = Field(default=None, max_length=12)
    reason: str = Field(default="", max_length=200)


class ApiToken(tables.Record, table=True):
    """A bearer token for the JSON interface with the rights of its account."""

    __tablename__ = "api_token"
    __table_args__ = (tables.table_info(),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    made_at: datetime
    ended_at: datetime | None = None
