"""Forecasts by cell, and the days on which the weather server needed a person."""

from datetime import date, datetime

from sqlalchemy import Column, LargeBinary, Text
from sqlmodel import Field

from orchard import tables


class Forecast(tables.Record, table=True):
    """The last good forecast of one cell, and what became of the tries since (天气预报).

    The point is the one that was asked for: the mean of the cell's plots.
    """

    __table_args__ = (tables.table_info(),)

    cell: str = Field(max_length=20, primary_key=True)
    lat: float
    lon: float
    elevation_m: int
    fetched_at: datetime | None = None
    digest: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    tried_at: datetime | None = None
    next_try_at: datetime | None = None
    failures: int = 0
    reason: str = Field(default="", max_length=20)
    detail: str = Field(default="", max_length=500)
    hours: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    held: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class WeatherAlarm(tables.Record, table=True):
    """Once a day at most: the server refuses in a way that trying again will not cure."""

    __tablename__ = "weather_alarm"
    __table_args__ = (tables.table_info(),)

    on: date = Field(primary_key=True)
    at: datetime
    reason: str = Field(max_length=20)
    detail: str = Field(default="", max_length=500)
