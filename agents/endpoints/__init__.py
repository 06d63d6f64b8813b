"""Model endpoints: a chat model with what it can do, opened from a line of settings."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import DataError, Invalid

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from agents.endpoints.calibration import Calibration


@dataclass(frozen=True)
class Candidate:
    """An answer that a model might give. `logprob` is the logarithm of its probability, by the tokens that the grammar
    left free; `weakest` the probability of the least probable of them; `tokens` is how many it has; `otherwise` the
    logprob of the likeliest other beginning: whether a model that wrote a query would rather have declined is seen at
    its first word."""

    text: str
    logprob: float
    weakest: float
    tokens: int = 0
    otherwise: float = float("-inf")


class Ranking(Protocol):
    """A model that gives several answers to one question."""

    def candidates(
        self, messages: Sequence[BaseMessage], grammar: str | None, max_tokens: int, most: int
    ) -> list[Candidate]: ...


@dataclass(frozen=True)
class Endpoint:
    """A chat model that can be asked now.

    `context_size` is in tokens. `grammar`: `chat.stream(messages, grammar=LARK)` decodes inside that grammar.
    `instruct`: the model wasn't trained on our prompt, so it is told in words what to write, may answer with
    prose around the SQL, and can read an error message. `ranking` gives further answers, None where there is but
    one; `calibration` tells how probable it is that an answer is right, None where that was not measured. `model` is
    what the endpoint runs; `prices` are those of a million tokens read, and written. `coder` opens the same model with
    the adapter that has learnt tasks for code, None where there is none. `larger`: what it writes is right more often
    than what a small model writes, beside queries that none wrote.
    """

    name: str
    chat: BaseChatModel
    context_size: int
    grammar: bool
    tools: bool
    device: str
    instruct: bool = False
    ranking: Ranking | None = None
    calibration: Calibration | None = None
    model: str = ""
    prices: tuple[float, float] = (0.0, 0.0)
    coder: Callable[[], Endpoint] | None = None
    larger: bool = False

    def candidates(
        self, messages: Sequence[BaseMessage], grammar: str | None, max_tokens: int, most: int = 4
    ) -> list[Candidate]:
        """Up to `most` answers, the most probable first; none of a model that can't rank."""
        return [] if self.ranking is None else self.ranking.candidates(messages, grammar, max_tokens, most)


class EndpointSpec(BaseModel):
    """How to reach one model: the line of settings that an administrator writes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    """The name that `--endpoint` takes."""
    kind: Literal["embedded", "openai"]
    """`embedded` runs in this process; `openai` is any server that speaks the OpenAI chat protocol."""
    url: str = ""
    """openai: the address of the server, with its version path, such as http://127.0.0.1:8000/v1."""
    model: str = ""
    """The model's name on the server, or the base model in the models folder."""
    adapter: str = ""
    """The LoRA adapter: a folder, or a name that comes with Lakewright."""
    coder: str = ""
    """embedded: the adapter that writes the SQL of tasks for code."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """embedded: where the model runs."""
    key_env: str = ""
    """openai: the environment variable that holds the key. The key itself never stands in settings."""
    key_file: Path | None = None
    """openai: a file that holds the key."""
    timeout: float = Field(default=60, gt=0, le=3600)
    """openai: seconds to wait for the server."""
    context_size: int = Field(default=8192, ge=256)
    """openai: tokens that fit into one request."""
    max_tokens: int = Field(default=1024, ge=16)
    """openai: tokens that the model may write for one answer."""
    temperature: float | None = Field(default=0, ge=0, le=2)
    """openai: 0 gives the likeliest text; null leaves it to servers that refuse the setting."""
    input_price: float = Field(default=0, ge=0)
    """What a million tokens cost that the model reads, in a currency of your choice."""
    output_price: float = Field(default=0, ge=0)
    """What a million tokens cost that the model writes."""
    prefix_memory: int = Field(default=512, ge=16)
    """embedded: the most MB that kept prefixes of prompts take."""
    grammar: bool = False
    """openai: whether the server takes `structured_outputs` with a Lark grammar, as vLLM does."""
    tools: bool = False
    """openai: whether the model calls tools."""
    instruct: bool = True
    """openai: false for a server that holds a model trained on Lakewright's own prompt."""

    @property
    def prices(self) -> tuple[float, float]:
        return self.input_price, self.output_price

    @classmethod
    def parse(cls, settings: Mapping[str, object]) -> EndpointSpec:
        """Check one endpoint's settings; Invalid quotes each wrong value."""
        try:
            return cls.model_validate(dict(settings))
        except ValidationError as error:
            wrong = "; ".join(_complaint(item["loc"], item["msg"], item["input"]) for item in error.errors())
            name = settings.get("name", "?")
            raise Invalid(f"The endpoint '{name}' is set up wrong: {wrong}.", "Mend it in the settings.") from error


class Opener(Protocol):
    """What each kind's module offers as `open_endpoint`."""

    def __call__(self, spec: EndpointSpec, models: Path) -> Endpoint: ...


KINDS: Mapping[str, str] = {"embedded": "agents.endpoints.embedded", "openai": "agents.endpoints.openai"}


def open_endpoint(spec: EndpointSpec, models: Path) -> Endpoint:
    """Open a model; `models` is the folder of weights. Unavailable if it is not there."""
    module = importlib.import_module(KINDS[spec.kind])
    return cast(Opener, module.open_endpoint)(spec, models)


def stamp(spec: EndpointSpec, models: Path) -> str:
    """What changes when the weights do that an endpoint was opened from: those of a server are its own affair."""
    names = [name for name in (spec.adapter, spec.coder) if name and spec.kind == "embedded"]
    return "|".join(filter(None, (_stamp(name, models) for name in names)))


def _stamp(adapter: str, models: Path) -> str:
    from agents.endpoints import weights
    from agents.endpoints.embedded import adapter_folder

    try:
        folder = adapter_folder(adapter, models)
        found = (folder / weights.ADAPTER_WEIGHTS).stat()
    except (DataError, OSError):
        return ""
    return f"{folder}|{found.st_ino}|{found.st_size}|{found.st_mtime_ns}"


def _complaint(location: tuple[int | str, ...], message: str, value: object) -> str:
    field = ".".join(str(part) for part in location)
    # The whole mapping is the input of a missing field: it may hold what must not be shown.
    shown = "" if isinstance(value, dict) else f" (it is {value!r})"
    return f"{field}: {message[:1].lower()}{message[1:]}{shown}"
