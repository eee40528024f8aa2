"""Every setting there is, with its meaning. Read from the environment or `.env`, here and nowhere else."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.trouble import Trouble
from domain.delivery.retry import WEBHOOK_LADDER, Ladder, read_ladder
from domain.refusal import Refused

HIDDEN = "********"
NOT_SET = "(not set)"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data: Path = Field(
        default=Path(".milemarker"),
        validation_alias="MILEMARKER_DATA",
        description="the directory of `up`: data, admin.key, endpoints.json, logs; of `load`: where it got to",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL 15 or newer, as libpq wants it; without it `up` brings its own",
    )
    nats_url: SecretStr | None = Field(
        default=None,
        validation_alias="NATS_URL",
        description="NATS 2.12 or newer with JetStream, several with commas between; without it `up` brings its own",
    )
    host: str = Field(
        default="127.0.0.1", validation_alias="MILEMARKER_HOST", description="the address that HTTP listens on"
    )
    port: int = Field(
        default=8080,
        ge=0,
        le=65_535,
        validation_alias="MILEMARKER_PORT",
        description="the port that HTTP listens on; 0: `up` takes a free one",
    )
    rate: int = Field(
        default=1_000,
        ge=1,
        validation_alias="MILEMARKER_RATE",
        description="HTTP requests a second that one key may make",
    )
    checkpoint_grace: float = Field(
        default=10.0,
        ge=0,
        le=3_600,
        validation_alias="MILEMARKER_CHECKPOINT_GRACE",
        description="seconds between a cut-off and its evaluation, for sales that are on their way",
    )
    checkpoint_wait: float = Field(
        default=900.0,
        ge=0,
        le=86_400,
        validation_alias="MILEMARKER_CHECKPOINT_WAIT",
        description="seconds that an evaluation waits at most until all published sales are in",
    )
    revisions_need_approval: bool = Field(
        default=False,
        validation_alias="MILEMARKER_REVISIONS_NEED_APPROVAL",
        description="a revision of a target waits until somebody else than who asks for it has approved it",
    )
    webhook_retry: str = Field(
        default=",".join(f"{one:g}" for one in WEBHOOK_LADDER.waits_s),
        validation_alias="MILEMARKER_WEBHOOK_RETRY",
        description="seconds before each try of a webhook, with commas between; the first is always at once",
    )
    webhook_allow_loopback: bool = Field(
        default=False,
        validation_alias="MILEMARKER_WEBHOOK_ALLOW_LOOPBACK",
        description="webhooks may lead to this machine, for trying things out",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", validation_alias="MILEMARKER_LOG_LEVEL", description="the least of what is logged"
    )
    debug: bool = Field(
        default=False, validation_alias="MILEMARKER_DEBUG", description="show where in the code an error came up"
    )

    @field_validator("webhook_retry")
    @classmethod
    def _is_a_ladder(cls, value: str) -> str:
        try:
            return ",".join(f"{one:g}" for one in read_ladder(value).waits_s)
        except Refused as refused:
            raise ValueError(refused.detail) from None

    @property
    def webhook_ladder(self) -> Ladder:
        return read_ladder(self.webhook_retry)


def read_settings(data: Path | None = None) -> Settings:
    """data: the directory given on the command line, which goes before MILEMARKER_DATA. Raises Trouble."""
    try:
        settings = Settings()
    except ValidationError as error:
        problems = "; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors(include_input=False))
        raise Trouble(f"a setting is wrong: {problems}") from None
    except UnicodeDecodeError:
        raise Trouble("the file .env is no UTF-8 text") from None
    return settings if data is None else settings.model_copy(update={"data": data})


def as_environment(settings: Settings) -> dict[str, str]:
    """What gives these settings to another process; without the URLs, which hold passwords."""
    given = {str(field.validation_alias): getattr(settings, name) for name, field in Settings.model_fields.items()}
    return {name: str(value) for name, value in given.items() if not isinstance(value, SecretStr | None)}


def described(settings: Settings) -> list[tuple[str, str, str]]:
    """(variable, value with secrets masked, meaning) of each setting."""
    shown = {
        "database_url": _shown(settings.database_url, masked_database_url),
        "nats_url": _shown(settings.nats_url, masked_nats_url),
    }
    return [
        (str(field.validation_alias), shown.get(name) or str(getattr(settings, name)), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def _shown(secret: SecretStr | None, mask: Callable[[str], str]) -> str:
    return NOT_SET if secret is None else mask(secret.get_secret_value())


def masked_database_url(url: str) -> str:
    """Where it leads and as whom; of all else that may stand in it nothing."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        return HIDDEN
    user = f"{given['user']}:{HIDDEN}@" if given.get("user") else ""
    place = f"{given.get('host', '')}:{given.get('port', 5432)}"
    return f"postgresql://{user}{place}/{given.get('dbname', '')}"


def masked_nats_url(url: str) -> str:
    """Where it leads; the user and password, or the token, before the @ are hidden."""
    return ",".join(_masked_server(server) for server in url.split(","))


def _masked_server(server: str) -> str:
    try:
        parts = urlsplit(server if "://" in server else f"nats://{server}")
        place = f"{parts.hostname or ''}:{parts.port or 4222}"
    except ValueError:
        return HIDDEN
    return f"{parts.scheme}://{HIDDEN + '@' if '@' in parts.netloc else ''}{place}"
