"""The model that runs in this process: int8 ONNX on a CPU, transformers on a GPU or where there is no ONNX form."""

from __future__ import annotations

import importlib.util
import queue
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from agents.endpoints import Candidate, Endpoint, EndpointSpec, caller, weights
from agents.endpoints.calibration import Calibration
from agents.endpoints.caller import Caller
from agents.endpoints.decoding import Engine, Free, Grammars
from agents.endpoints.dialogue import Dialogue
from agents.endpoints.drafts import Draft, Writer, candidates
from agents.endpoints.prefixes import MEMORY, Prefixes
from agents.endpoints.queue import FairQueue
from data.errors import Invalid, NotFound, Unavailable

BASE = "smollm2-135m-instruct"
MAX_TOKENS = 256
ROLES = {"human": "user", "ai": "assistant"}
LOOK = 0.25
"""Seconds between two looks at whether the caller still waits."""
SOON = 2.0
"""Seconds for which an answer's tape is spared from other callers, as its alternatives may be asked for."""


@dataclass(frozen=True)
class Whole:
    """An answer that is complete, and the tokens that were written for it."""

    candidate: Candidate
    tokens: int


@dataclass(frozen=True)
class Request:
    """One answer in the making: pieces of text come out of `pieces`, then the whole or the error that ended it.

    None comes out when nobody waits for it any more."""

    prefix: tuple[int, ...]
    turn: tuple[int, ...]
    grammar: str | None
    max_tokens: int
    who: Caller
    pieces: queue.SimpleQueue[str | Whole | Exception | None] = field(default_factory=queue.SimpleQueue)
    dropped: Event = field(default_factory=Event)

    @property
    def left(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.dropped.is_set() or self.who.gone()

    @property
    def asked(self) -> tuple[object, ...]:
        """What decides the answer."""
        return self.prefix, self.turn, self.grammar, self.max_tokens


@dataclass(frozen=True)
class Written:
    """An answer that was written, from which others can still be turned off, as long as its tape holds it."""

    writer: Writer
    draft: Draft
    turn: int
    who: str
    at: float

    @property
    def stands(self) -> bool:
        return self.writer.tape.turn == self.turn


class EmbeddedChat(BaseChatModel):
    """Goes on with a conversation that begins with a system message, greedily.

    `stream(messages, grammar=…, max_tokens=…)`: with a Lark `grammar` the answer lies inside it, and the last
    chunk's `response_metadata` has what a Candidate tells, its `usage_metadata` the tokens. One thread owns the
    engine and callers take turns, so a slow reader holds nobody up. Whoever has gone is not answered.
    """

    _dialogue: Dialogue = PrivateAttr()
    _grammars: Grammars = PrivateAttr()
    _prefixes: Prefixes = PrivateAttr()
    _queue: FairQueue = PrivateAttr()
    _written: dict[tuple[object, ...], Written] = PrivateAttr(default_factory=dict)

    def __init__(self, engine: Engine, folder: Path, context_size: int, memory: int = MEMORY) -> None:
        """`folder` holds the tokenizer, `context_size` is in tokens, `memory` in bytes of kept prefixes."""
        super().__init__()
        self._dialogue = Dialogue.load(folder)
        self._grammars = Grammars.load(folder, self._dialogue.end)
        self._prefixes = Prefixes(engine, context_size, memory)
        self._queue = FairQueue("embedded-model")

    @property
    def _llm_type(self) -> str:
        return "lakewright-embedded"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks = [chunk.message for chunk in self._stream(messages, stop, run_manager, **kwargs)]
        text = "".join(str(chunk.content) for chunk in chunks)
        last = chunks[-1] if chunks else AIMessageChunk(content="")
        usage = getattr(last, "usage_metadata", None)
        said = AIMessage(content=text, response_metadata=last.response_metadata, usage_metadata=usage)
        return ChatResult(generations=[ChatGeneration(message=said)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        grammar: str | None = None,
        max_tokens: int = MAX_TOKENS,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        request = self._request(messages, grammar, max_tokens)
        self._queue.submit(request.who.name, lambda: self._answer(request), lambda: request.left)
        try:
            while isinstance(piece := _waited(request), str):
                chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
                if run_manager:
                    run_manager.on_llm_new_token(piece, chunk=chunk)
                yield chunk
            if isinstance(piece, Exception):
                raise piece
            if piece is not None:
                yield ChatGenerationChunk(message=_last(request, piece))
        finally:
            request.dropped.set()

    def candidates(
        self, messages: Sequence[BaseMessage], grammar: str | None = None, max_tokens: int = MAX_TOKENS, most: int = 4
    ) -> list[Candidate]:
        """The streamed answer and up to `most - 1` others, the most probable first.

        What was streamed last is not written again: an alternative costs the tokens in which it differs."""
        request = self._request(messages, grammar, max_tokens)
        return self._queue.submit(request.who.name, lambda: self._ranked(request, most)).result()

    def warm(self, system: str) -> None:
        """Compute a system message's keys and values before the first question comes."""
        prefix = tuple(self._dialogue.prefix(system))
        self._queue.submit("", lambda: self._prefixes.tape(prefix, 0)).result()

    def _request(self, messages: Sequence[BaseMessage], grammar: str | None, max_tokens: int) -> Request:
        """Invalid when the messages are not a system message and then what people and the model said, as text, or do
        not fit."""
        kinds = [message.type for message in messages]
        spoken = kinds[:1] == ["system"] and kinds[-1:] == ["human"] and set(kinds[1:]) <= {"human", "ai"}
        if not spoken or not all(isinstance(message.content, str) for message in messages):
            raise Invalid(f"The embedded model can't read {kinds}.", "Give a system message, then messages of text.")
        prefix = self._dialogue.prefix(str(messages[0].content))
        turn = self._dialogue.turns([(ROLES[message.type], str(message.content)) for message in messages[1:]])
        room = self._prefixes.context_size - len(prefix) - len(turn)
        if room < 1:
            raise Invalid(f"The question is too long for the model, by {1 - room} tokens.", "Ask it in fewer words.")
        return Request(tuple(prefix), tuple(turn), grammar, min(max_tokens, room), caller.current())

    def _answer(self, request: Request) -> None:
        """Runs in the worker: put the answer's text piece by piece, then the whole."""
        try:
            for piece in self._texts(request):
                request.pieces.put(piece)
            request.pieces.put(None)
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is read
            request.pieces.put(error)

    def _texts(self, request: Request) -> Iterator[str | Whole]:
        if request.left:
            return
        writer, draft = self._writer(request), Draft()
        sent = text = ""
        for _ in writer.write(draft):
            if request.left:
                return
            text = self._dialogue.text(draft.ids)
            # A character may be cut between two tokens: wait for the rest of it.
            if not text.endswith("\ufffd") and text != sent:
                yield text[len(sent) :]
                sent = text
        if text != sent:
            yield text[len(sent) :]
        self._remember(request, writer, draft)
        yield Whole(draft.candidate(text), len(draft.ids))

    def _ranked(self, request: Request, most: int) -> list[Candidate]:
        """Runs in the worker."""
        written = self._written.pop(request.asked, None)
        if written is None or not written.stands:
            for _ in self._texts(request):
                pass
            written = self._written.pop(request.asked)
        return candidates(written.writer, written.draft, self._dialogue.text, most)

    def _writer(self, request: Request) -> Writer:
        guide = self._grammars.matcher(request.grammar) if request.grammar else Free()
        others = (one for one in self._written.values() if one.stands and one.who != request.who.name)
        spared = [one.writer.tape for one in others if time.monotonic() - one.at < SOON]
        tape = self._prefixes.tape(request.prefix, len(request.turn) + request.max_tokens, spared)
        tape.clear()
        return Writer(tape, request.turn, guide, self._dialogue.end, request.max_tokens)

    def _remember(self, request: Request, writer: Writer, draft: Draft) -> None:
        """Alternatives are asked for at once or never."""
        self._written = {asked: one for asked, one in self._written.items() if one.stands}
        self._written[request.asked] = Written(writer, draft, writer.tape.turn, request.who.name, time.monotonic())


def _last(request: Request, whole: Whole) -> AIMessageChunk:
    """What is told of an answer once it is written."""
    read, made = len(request.prefix) + len(request.turn), whole.candidate
    usage = UsageMetadata(input_tokens=read, output_tokens=whole.tokens, total_tokens=read + whole.tokens)
    finish = "length" if whole.tokens >= request.max_tokens else "stop"
    told: dict[str, object] = {"logprob": made.logprob, "weakest": made.weakest, "otherwise": made.otherwise}
    told |= {"model_name": BASE, "finish_reason": finish}
    return AIMessageChunk(content="", response_metadata=told, usage_metadata=usage)


def _waited(request: Request) -> str | Whole | Exception | None:
    """The next piece. Unavailable when the caller has gone before it came."""
    while True:
        with suppress(queue.Empty):
            return request.pieces.get(timeout=LOOK)
        if request.who.gone():
            raise Unavailable("Nobody waits for the model's answer any more.")


def open_endpoint(spec: EndpointSpec, models: Path) -> Endpoint:
    """Open the model that `spec` names; what has to be built for it is built first, once."""
    base = weights.base(spec.model or BASE, models, _say)
    adapter = adapter_folder(spec.adapter, models) if spec.adapter else None
    device = pick(spec.device)
    memory = spec.prefix_memory * 1024**2
    chat = EmbeddedChat(engine(base, adapter, models, device), base, weights.context_size(base), memory)
    return Endpoint(
        spec.name,
        chat,
        weights.context_size(base),
        grammar=True,
        tools=False,
        device=device,
        ranking=chat,
        calibration=Calibration.beside(adapter),
        model=spec.adapter or base.name,
        prices=spec.prices,
    )


def engine(base: Path, adapter: Path | None, models: Path, device: str) -> Engine:
    """The model in the form that the device runs, built first where it is not there."""
    from agents.endpoints import export

    if device == "cuda" or not export.builds(base):
        from agents.endpoints.cuda import TransformersEngine

        return TransformersEngine.load(base, adapter, device)
    from agents.endpoints.onnx import OnnxEngine

    return OnnxEngine.load(export.onnx(base, adapter, models, progress=_say))


def adapter_folder(name: str, models: Path) -> Path:
    """An adapter by its folder, by its name in the models folder, or by the name of one that ships."""
    places = [Path(name), models / "adapters" / name]
    # Shipped adapters are data files beside the recipes that made them: their package is not imported.
    spec = importlib.util.find_spec("finetune")
    places += [Path(root) / "adapters" / name for root in (spec.submodule_search_locations or [])] if spec else []
    for place in places:
        if (place / weights.ADAPTER_CONFIG).is_file():
            return place
    raise NotFound(f"There is no adapter {name!r}.", f"Give a folder that holds an {weights.ADAPTER_CONFIG}.")


def pick(device: str) -> str:
    """The device that `auto` means here. Torch is slow to import: it is asked only where a GPU shows."""
    if device != "auto":
        return device
    if not Path("/dev/nvidiactl").exists():
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - progress belongs on stderr
