"""The one tree of settings of a node: ``HOME/gateway.toml``, overridden by ``GATEWAY_…`` in the environment.

A person writes it, so it is a pydantic model; unknown keys are refused. Paths that are not absolute are relative to
the file. A setting of the tree is overridden as ``GATEWAY_PEER__LISTEN=0.0.0.0:7401``.
"""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.errors import ConfigurationInvalid
from gateway.exchange.limits import LinkLimits, LinkTimes
from gateway.rpc.addresses import Addresses

CONFIG_FILE = "gateway.toml"
_LIMITS: Final = LinkLimits()


def _host_and_port(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (colon and host and port.isdigit() and 0 <= int(port) <= 65535):
        raise ValueError("write it as HOST:PORT, such as 0.0.0.0:7401")
    return value


Address = Annotated[str, AfterValidator(_host_and_port)]
AdministrationId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Domain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,118}[a-z0-9])?$")]


class Environment(StrEnum):
    """How much is at stake: production refuses demo keys, fail points and development commands."""

    DEVELOPMENT = "development"
    DEMO = "demo"
    PRODUCTION = "production"


class NationalAuthentication(StrEnum):
    """How national clients show who they are; TLS protects the port either way."""

    CERTIFICATE = "certificate"
    TOKEN = "token"  # noqa: S105  the name of a way, not a secret


class Section(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Peer(Section):
    """The port for other administrations; without ``listen`` this node only dials."""

    listen: Address | None = None
    dial: bool = True


class National(Section):
    """The port for this administration's own systems."""

    listen: Address
    authentication: NationalAuthentication = NationalAuthentication.CERTIFICATE
    reflection: bool = True


class Operations(Section):
    """The port for the node's operator."""

    listen: Address


class Store(Section):
    """Where records are kept. Below ``reserve_mib`` of free disk, intake refuses."""

    path: Path = Path("gateway.db")
    reserve_mib: Annotated[int, Field(ge=1)] = 256


class Links(Section):
    """Limits of the link protocol (docs/protocol.md, Limits); what is announced in Hello, and times in seconds."""

    batch_records: Annotated[int, Field(ge=1, le=10_000)] = _LIMITS.batch_records
    batch_bytes: Annotated[int, Field(ge=64 * 1024, le=1_000_000)] = _LIMITS.batch_bytes
    window_batches: Annotated[int, Field(ge=1, le=64)] = _LIMITS.window_batches
    window_bytes: Annotated[int, Field(ge=300_000, le=64 * 1024 * 1024)] = _LIMITS.window_bytes
    hello_timeout: Annotated[float, Field(gt=0)] = 10
    receipt_timeout: Annotated[float, Field(gt=0)] = 60
    drain_timeout: Annotated[float, Field(gt=0)] = 5
    heartbeat_after: Annotated[float, Field(gt=0)] = 5
    dead_after: Annotated[float, Field(gt=0)] = 14
    skew: Annotated[int, Field(ge=1, le=3600)] = 300

    @property
    def limits(self) -> LinkLimits:
        """What Hello announces."""
        return LinkLimits(self.batch_records, self.batch_bytes, self.window_batches, self.window_bytes)

    @property
    def times(self) -> LinkTimes:
        """How long a session waits for what."""
        return LinkTimes(
            hello=self.hello_timeout,
            receipt=self.receipt_timeout,
            drain=self.drain_timeout,
            heartbeat=self.heartbeat_after,
            dead=self.dead_after,
            skew=self.skew,
        )


class Trust(Section):
    """Who may change whom this node trusts. With ``four_eyes`` one officer proposes and another one approves."""

    four_eyes: bool = False


class Files(Section):
    """Keys and certificates, as ``gateway init`` lays them out."""

    keys: Path = Path("keys")
    tls: Path = Path("tls")
    descriptor: Path = Path("descriptor.note")
    clients: Path = Path("clients.toml")


class Config(BaseSettings):
    """All settings of one node."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="GATEWAY_", env_nested_delimiter="__")

    administration: AdministrationId
    domain: Domain
    name: str
    instance: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")] = "1"
    environment: Environment = Environment.PRODUCTION
    peer: Peer = Peer()
    national: National
    operations: Operations
    store: Store = Store()
    links: Links = Links()
    trust: Trust = Trust()
    files: Files = Files()

    @property
    def addresses(self) -> Addresses:
        """Where the doors are to be."""
        return Addresses(
            peer=self.peer.listen,
            national=self.national.listen,
            operations=self.operations.listen,
            tokens=self.national.authentication is NationalAuthentication.TOKEN,
            reflection=self.national.reflection,
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file."""
        return env_settings, init_settings


def load(home: Path) -> Config:
    """Read ``HOME/gateway.toml``.

    Raises:
        ConfigurationInvalid: the file is missing, is not TOML, or a setting is unknown or wrong; all are named.
    """
    file = home / CONFIG_FILE
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigurationInvalid(f"There is no {file}: 'gateway init' makes one.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid(f"{file} is not TOML: {error}.") from None
    return _checked(file, raw)


def _checked(file: Path, raw: dict[str, Any]) -> Config:
    try:
        return Config(**raw)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {_plain(fault['msg'])}" for fault in error.errors()
        )
        raise ConfigurationInvalid(f"{file}: {faults}.") from None


def _plain(message: str) -> str:
    """Turn pydantic's sentence into one for a person."""
    message = re.sub(r"^Value error, ", "", message)
    return {"Extra inputs are not permitted": "there is no such setting", "Field required": "is missing"}.get(
        message, message
    )
