"""Settings from the environment (prefix ORCHARD_) or a .env file beside the data."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEFAULT_COUNTY = "500154"


class Settings(BaseSettings):
    """Every switch of an installation; see the README for what each one does."""

    model_config = SettingsConfigDict(env_prefix="ORCHARD_", extra="ignore")

    data_dir: Path = Path("orchard-data")
    database_url: str = ""
    secret_key: str = ""
    field_keys: str = ""
    weather_url: str = "https://api.open-meteo.com"
    weather_fallback_url: str = ""
    timezone: str = "Asia/Shanghai"
    default_locale: str = "zh_CN"
    notify_urls: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    counties: Annotated[tuple[str, ...], NoDecode] = (DEFAULT_COUNTY,)
    pool_size: int = Field(default=8, ge=1, le=64)
    prepare_statements: bool = True
    metrics_token: str = ""
    now: datetime | None = None

    @field_validator("notify_urls", "trusted_hosts", "trusted_proxies", "counties", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("now", mode="after")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("ORCHARD_NOW needs a zone, such as 2026-11-23T06:30+08:00")
        return value.astimezone(UTC) if value else None

    @property
    def url(self) -> str:
        """Return the database address; the default is one SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'orchard.db'}"

    def key(self, name: str) -> str:
        """Return a secret, made on first use and kept outside the database."""
        given = self.secret_key if name == "secret_key" else self.field_keys
        if given:
            return given
        path = self.data_dir / "keys" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_suffix(f".{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(32))
            _publish(draft, path)
        return path.read_text()


def _publish(draft: Path, path: Path) -> None:
    """Give the first of several starting processes the last word."""
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


_current: Settings | None = None


def get() -> Settings:
    """Return the settings of this process, read once."""
    global _current  # noqa: PLW0603 - read once, replaced by use()
    if _current is None:
        data_dir = Path(os.environ.get("ORCHARD_DATA_DIR", "orchard-data"))
        _current = Settings(_env_file=(".env", data_dir / ".env"))
    return _current


def use(settings: Settings | None) -> None:
    """Replace the settings: for commands with options of their own and for tests."""
    global _current  # noqa: PLW0603 - see get()
    _current = settings
