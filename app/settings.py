"""Every setting, declared once: from arguments, LAKEWRIGHT_ variables, or settings.yaml in the home."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import yaml
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from agents.endpoints import EndpointSpec
from agents.endpoints.weights import ADAPTER_CONFIG
from agents.outside import OutsideServer
from app.oidc import Oidc
from data.errors import DataError, Invalid, NotFound

if TYPE_CHECKING:
    from agents.endpoints.router import Routes

PREFIX = "LAKEWRIGHT_"
FILE = "settings.yaml"
BASE = "smollm2-135m-instruct"
LARGE, LARGE_ADAPTER, LARGE_ENDPOINT = "qwen2.5-coder-1.5b-instruct", "ask-qwen", "large"
"""The larger base model, which `model pull` fetches, the adapter of it that ships, and what answers with them."""


class Settings(BaseSettings):
    """How one home is run. The text under a field says what it does."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Path(".lakewright")
    """The folder that holds the catalogue, the lake, indexes, models and conversations."""
    models: Path | None = None
    """The folder of model weights; by default `models` in the home. Several homes may share one."""
    principal: str = "owner"
    """Who acts when nobody is named, and who administers the home."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the embedded model runs."""
    endpoint: str = "embedded"
    """The model that answers unless a question names another."""
    adapter: str = "ask-smollm2"
    """The LoRA adapter of the embedded model: a folder, or a name that comes with Lakewright."""
    coder: str = "code-smollm2"
    """The LoRA adapter that writes the SQL of tasks for code, likewise; empty for none."""
    endpoints: tuple[EndpointSpec, ...] = ()
    """More models: each with a name, a kind, an address and a model name."""
    fallback: tuple[str, ...] = ()
    """The endpoints that answer in turn when the current one does not."""
    split: dict[str, float] = {}
    """Other endpoints, each with its share of the questions that name none: {challenger: 0.1}."""
    shadow: dict[str, float] = {}
    """Endpoints that are asked a share of the questions too, only to be compared: {challenger: 0.1}."""
    engine: Literal["duckdb", "spark"] = "duckdb"
    """What runs queries that name no engine."""
    spark: str = Field(default="", pattern=r"^(sc://.+)?$")
    """The address of a Spark Connect server, as sc://host:port."""
    online: str = Field(default="sqlite", pattern=r"^(sqlite|(rediss?|unix)://.+)$")
    """Where online features are: sqlite for a file in the home, or the address of a Redis."""
    threads: str = Field(default="sqlite", pattern=r"^(sqlite|postgres(ql)?://.+)$")
    """Where conversations are kept: sqlite for a file in the home, or the URL of a PostgreSQL database of this home's
    own, which several servers share."""
    host: str = "127.0.0.1"
    """The address that `serve` listens on."""
    port: int = Field(default=8400, ge=0, le=65535)
    """The port that `serve` listens on; 0 takes any free one."""
    mcp_servers: tuple[OutsideServer, ...] = ()
    """Outside MCP servers whose tools agents may call, each with its permissions."""
    hosts: tuple[str, ...] = ()
    """Names under which other machines reach `serve`, such as lake.example.com; this machine's own are always taken."""
    oidc: Oidc | None = None
    """An identity provider whose tokens are taken beside Lakewright's own."""
    secret: SecretStr = SecretStr("")
    """What seals the browsers' sessions; beyond this machine it must be set, the same for every server of a home."""
    session_hours: int = Field(default=12, ge=1, le=720)
    """How long a browser stays signed in, in hours."""
    cors_origins: tuple[str, ...] = ()
    """Pages of other origins that may call the API with a token, such as https://tools.example.com; none by default."""
    requests_per_minute: int = Field(default=6_000, ge=1)
    """Requests that one principal may send."""
    address_requests_per_minute: int = Field(default=12_000, ge=1)
    """Requests that may come from one address of another machine."""
    log: Literal["text", "json"] = "text"
    """How `serve` logs: for people, or as JSON with a line for each request; nothing personal either way."""
    otlp: str = Field(default="", pattern=r"^(https?://.+)?$")
    """Where traces go: the address of an OpenTelemetry collector that takes OTLP by gRPC, such as
    http://localhost:4317."""
    mlflow_traces: str = Field(default="", pattern=r"^((https?|sqlite)://.+)?$")
    """An MLflow tracking server that gets the agents' steps as traces."""
    drain_seconds: int = Field(default=10, ge=0, le=3600)
    """How long `serve`, once it is to stop, lets requests and streams go on."""
    token_days: int = Field(default=90, ge=1, le=3650)
    """How long a new access token is valid, in days."""

    unwalled: bool = False
    """Run generated programs although this machine lacks walls that keep them from the data."""

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_named(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not re.fullmatch(r"https?://[^/*\s]+", origin):
                raise ValueError(f"{origin!r} is no origin such as https://tools.example.com")
        return origins

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [spec.name for spec in self.specs()]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"the endpoint name {doubled[0]!r} is used twice")
        if self.endpoint not in names:
            raise ValueError(f"there is no endpoint {self.endpoint!r}; there are {', '.join(names)}")
        for name in (*self.fallback, *self.split, *self.shadow):
            if name not in names:
                raise ValueError(f"there is no endpoint {name!r}; there are {', '.join(names)}")
        if any(not 0 <= share <= 1 for share in (*self.split.values(), *self.shadow.values())):
            raise ValueError(f"the shares of `split` and `shadow` must lie between 0 and 1: {self.split} {self.shadow}")
        if sum(self.split.values()) > 1:
            raise ValueError(f"the shares of `split` are more than 1 together: {self.split}")
        return self

    @property
    def routes(self) -> Routes:
        """Who answers questions that name no endpoint."""
        from agents.endpoints.router import Routes

        return Routes(self.fallback, self.split, self.shadow)

    def specs(self) -> tuple[EndpointSpec, ...]:
        """Every endpoint: the embedded model, the same without its adapter, the larger one where it was fetched, and
        the declared ones."""
        own = EndpointSpec(
            name="embedded", kind="embedded", model=BASE, adapter=self.adapter, coder=self.coder, device=self.device
        )
        base = own.model_copy(update={"name": "base", "adapter": "", "coder": ""})
        known = (own, base, *self._large(), *self.endpoints)
        return (*known, *self._tuned({spec.name for spec in known}))

    def _large(self) -> Iterator[EndpointSpec]:
        """The larger model, unless an endpoint of that name is declared."""
        if (self.models_folder / LARGE).is_dir() and LARGE_ENDPOINT not in (spec.name for spec in self.endpoints):
            yield EndpointSpec(
                name=LARGE_ENDPOINT, kind="embedded", model=LARGE, adapter=LARGE_ADAPTER, device=self.device
            )

    def _tuned(self, declared: Collection[str]) -> Iterator[EndpointSpec]:
        """An endpoint for each adapter that was promoted in this home, over its own base, but for names that are
        declared."""
        for file in sorted(self.models_folder.glob(f"adapters/[!.]*/{ADAPTER_CONFIG}")):
            name = file.parent.name
            with suppress(OSError, ValueError, KeyError):
                base = str(json.loads(file.read_text(encoding="utf-8"))["base_model_name_or_path"])
                if name not in declared:
                    yield EndpointSpec(
                        name=name, kind="embedded", model=base, adapter=name, coder=self.coder, device=self.device
                    )

    def spec(self, name: str | None = None) -> EndpointSpec:
        """The endpoint `name`, or the current one; NotFound lists the names there are."""
        wanted = name or self.endpoint
        for spec in self.specs():
            if spec.name == wanted:
                return spec
        known = ", ".join(spec.name for spec in self.specs())
        raise NotFound(f"There is no endpoint '{wanted}'.", f"Use one of: {known}.")

    @property
    def learner(self) -> str:
        """The adapter that answers and learns; that of the embedded model where the current endpoint has none."""
        spec = self.spec()
        return spec.adapter if spec.kind == "embedded" and spec.adapter else self.adapter

    @property
    def models_folder(self) -> Path:
        return self.models or self.home / "models"

    @classmethod
    def load(cls, home: Path | None = None) -> Settings:
        """Settings for `home`, or the home that LAKEWRIGHT_HOME names; Invalid quotes each wrong value."""
        place = home or Path(os.environ.get(f"{PREFIX}HOME") or ".lakewright")
        try:
            return _of_home(place.expanduser().resolve())
        except ValidationError as error:
            wrong = "; ".join(_complaint(item["loc"], item["msg"], item["input"]) for item in error.errors())
            raise Invalid(
                f"A setting is wrong: {wrong}.", f"Mend '{place / FILE}' or the {PREFIX} variable."
            ) from error
        except (yaml.YAMLError, OSError, ValueError) as error:
            raise Invalid(f"'{place / FILE}' can't be read: {error}.", "Correct the file.") from error


class Live:
    """The settings of an open home: what another process writes into its file holds from the next question on. A file
    that has become wrong changes nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._seen = settings, _stat(settings.home / FILE)

    @property
    def settings(self) -> Settings:
        seen = _stat(self._settings.home / FILE)
        if seen != self._seen:
            self._seen = seen
            with suppress(DataError):
                self._settings = Settings.load(self._settings.home)
        return self._settings


def _stat(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_size, found.st_mtime_ns


def _of_home(home: Path) -> Settings:
    """Arguments win over variables, and variables over the home's file."""

    class OfHome(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, YamlConfigSettingsSource(settings_cls, home / FILE)

    return OfHome(home=home)


def remember(home: Path, **values: Any) -> None:
    """Write values into the home's settings file, keeping the others."""
    path = home / FILE
    kept = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    draft = path.with_suffix(".yaml.new")
    draft.write_text(yaml.safe_dump({**(kept or {}), **values}, sort_keys=False), encoding="utf-8")
    os.replace(draft, path)


def _complaint(location: tuple[int | str, ...], message: str, value: object) -> str:
    field = ".".join(str(part) for part in location) or "endpoint"
    shown = "" if isinstance(value, dict | Settings) else f" (it is {value!r})"
    return f"{field}: {message[:1].lower()}{message[1:]}{shown}"
