"""The model that runs in this process: int8 ONNX on a CPU, transformers on a GPU or where there is no ONNX form."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from agents.endpoints import Candidate, Endpoint, EndpointSpec, caller, weights
from agents.endpoints.calibration import Calibration
from agents.endpoints.decoding import Engine, Free, Grammars, Guide, Steps
from agents.endpoints.dialogue import Dialogue
from agents.endpoints.drafts import Draft, Writer, candidates
from agents.endpoints.prefixes import MEMORY, Prefixes, Tape
from agents.endpoints.request import Request, Whole
from agents.endpoints.scheduler import Scheduler
from data.errors import Invalid, NotFound

BASE = "smollm2-135m-instruct"
MAX_TOKENS = 256
ROLES = {"human": "user", "ai": "assistant"}
WIDE = 1_024
"""The width from which a model counts as a larger one."""
SOON = 2.0
"""Seconds for which an answer's tape is spared from other callers, as its alternatives may be asked for."""


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
        return self.writer.tape.turn == self.turn and not self.writer.tape.busy


class EmbeddedChat(BaseChatModel):
    """Goes on with a conversation that begins with a system message, greedily.

    `stream(messages, grammar=…, max_tokens=…)`: with a Lark `grammar` the answer lies inside it, and the last
    chunk's `response_metadata` has what a Candidate tells, its `usage_metadata` the tokens. One thread owns the
    engine and answers advance together, so a slow reader holds nobody up. Whoever has gone is not answered.
    """

    _dialogue: Dialogue = PrivateAttr()
    _grammars: Grammars = PrivateAttr()
    _prefixes: Prefixes = PrivateAttr()
    _scheduler: Scheduler = PrivateAttr()
    _written: dict[tuple[object, ...], Written] = PrivateAttr(default_factory=dict)

    def __init__(self, engine: Engine, folder: Path, context_size: int, memory: int = MEMORY) -> None:
        """`folder` holds the tokenizer, `context_size` is in tokens, `memory` in bytes of kept prefixes."""
        super().__init__()
        self._dialogue = Dialogue.load(folder)
        self._grammars = Grammars.load(folder, self._dialogue.end)
        self._prefixes = Prefixes(engine, context_size, memory)
        self._scheduler = Scheduler(engine, "embedded-model")

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
        self._scheduler.submit(request.who.name, lambda: self._answer(request), lambda: request.left)
        try:
            request.guide(lambda: self._guide(request))
            while isinstance(piece := request.waited(), str):
                chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
                if run_manager:
                    run_manager.on_llm_new_token(piece, chunk=chunk)
                yield chunk
            if isinstance(piece, Exception):
                raise piece
            yield ChatGenerationChunk(message=request.told(piece))
        finally:
            request.dropped.set()

    def candidates(
        self, messages: Sequence[BaseMessage], grammar: str | None = None, max_tokens: int = MAX_TOKENS, most: int = 4
    ) -> list[Candidate]:
        """The streamed answer and up to `most - 1` others, the most probable first.

        What was streamed last is not written again: an alternative costs the tokens in which it differs."""
        request = self._request(messages, grammar, max_tokens)
        who, found = request.who.name, None
        if request.asked in self._written:
            found = self._scheduler.submit(who, lambda: self._turned(request, most), ahead=True).result()
        if found is None:
            done = self._scheduler.submit(who, lambda: self._anew(request, most))
            request.guide(lambda: self._guide(request))
            found = done.result()
        return found

    def warm(self, system: str) -> None:
        """Compute a system message's keys and values before the first question comes."""
        self._scheduler.submit("", lambda: self._warmed(tuple(self._dialogue.prefix(system)))).result()

    def _warmed(self, prefix: tuple[int, ...]) -> Steps[None]:
        tape = yield from self._prefixes.tape(prefix, 0)
        tape.busy = False

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
        return Request(tuple(prefix), tuple(turn), grammar, min(max_tokens, room), caller.current(), BASE)

    def _guide(self, request: Request) -> Guide:
        """It takes as long as reading the question, and goes on beside that."""
        return self._grammars.matcher(request.grammar) if request.grammar else Free()

    def _answer(self, request: Request) -> Steps[None]:
        """Put the answer's text piece by piece, then the whole."""
        try:
            written = yield from self._write(request, request.pieces.put)
            text = self._dialogue.text(written.draft.ids)
            request.pieces.put(Whole(written.draft.candidate(text), len(written.draft.ids)))
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is read
            request.pieces.put(error)

    def _write(self, request: Request, say: Callable[[str], None]) -> Steps[Written]:
        request.begun.set()
        needed, sent = len(request.turn) + request.max_tokens, ""
        tape = yield from self._prefixes.tape(request.prefix, needed, lambda: self._spared(request.who.name))

        def told(draft: Draft) -> None:
            nonlocal sent
            text = self._dialogue.text(draft.ids)
            # A character may be cut between two tokens: wait for the rest of it.
            if not text.endswith("\ufffd") and text != sent:
                say(text[len(sent) :])
                sent = text

        with tape.taken():
            tape.clear()
            writer, draft = Writer(tape, request.turn, request.guided, self._dialogue.end, request.max_tokens), Draft()
            yield from writer.write(draft, told)
        if (text := self._dialogue.text(draft.ids)) != sent:
            say(text[len(sent) :])
        return self._remembered(request, writer, draft)

    def _turned(self, request: Request, most: int) -> Steps[list[Candidate] | None]:
        """The alternatives to what was written; None where that is no more."""
        written = self._written.pop(request.asked, None)
        if written is None or not written.stands:
            return None
        return (yield from self._ranked(written, most))

    def _anew(self, request: Request, most: int) -> Steps[list[Candidate]]:
        written = yield from self._write(request, lambda text: None)
        return (yield from self._ranked(self._written.pop(request.asked, written), most))

    def _ranked(self, written: Written, most: int) -> Steps[list[Candidate]]:
        with written.writer.tape.taken():
            return (yield from candidates(written.writer, written.draft, self._dialogue.text, most))

    def _spared(self, who: str) -> list[Tape]:
        """The tapes whose answers' alternatives may be asked for: by others than whoever asks now, or by anybody while
        several ask."""
        others = (one for one in self._written.values() if one.stands and (one.who != who or self._prefixes.busy))
        return [one.writer.tape for one in others if time.monotonic() - one.at < SOON]

    def _remembered(self, request: Request, writer: Writer, draft: Draft) -> Written:
        """Alternatives are asked for at once or never."""
        written = Written(writer, draft, writer.tape.turn, request.who.name, time.monotonic())
        kept = {asked: one for asked, one in self._written.items() if one.writer.tape.turn == one.turn}
        self._written = kept | {request.asked: written}
        return written


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
        coder=_coder(spec, models) if spec.coder else None,
        larger=weights.width(base) >= WIDE,
    )


def _coder(spec: EndpointSpec, models: Path) -> Callable[[], Endpoint]:
    """Opens the model with its adapter for code, once: it takes as much memory again."""
    lock, own = Lock(), spec.model_copy(update={"adapter": spec.coder, "coder": ""})
    opened = lru_cache(maxsize=1)(lambda: open_endpoint(own, models))

    def coder() -> Endpoint:
        with lock:
            return opened()

    return coder


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
