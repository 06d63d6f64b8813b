"""The agent `forms` as a chat model: it fills a form, takes answers line by line, and signs when it is told to."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from typing import Any

from app.api.openai import markdown, shape
from app.api.openai.asking import question
from app.api.openai.protocol import ChatRequest
from app.api.openai.said import End, Piece, Said, Thought
from app.api.openai.threads import Threads
from data.errors import Invalid
from data.policy import Principal
from data.stop import Stop
from data.values import whole

NAME = "forms"
LEADING = re.compile(r"^\W*((please|fill|in|out|complete|the|a|an|form|for|about|of)\b\W*)+", re.IGNORECASE)
HOW = "Answer with lines such as `path: value`, or say `sign`."


def converse(home: Any, caller: Principal, request: ChatRequest, stop: Stop) -> Iterator[Said]:
    """A filling that is begun or gone on with. In a request with a JSON Schema, the filled document itself."""
    said = question(request, NAME).strip()
    if request.schema_asked is not None:
        shape.checked(request.schema_asked)
    threads = Threads(home.settings.home)
    kept = threads.find(caller.name, NAME, request.messages)
    found: Any = None
    if kept:
        found = _gone_on(home, caller, kept, said)
    elif (form := _form(home, request, said)) is None:
        text = _offer(home)
        threads.keep(caller.name, NAME, request.messages, text, "")
        yield Piece(text)
        yield End(tokens=(0, 0))
        return
    else:
        found = yield from _begun(home, caller, form, said)
    text, refusal = _told(found, request)
    threads.keep(caller.name, NAME, request.messages, text, found.filling_id)
    yield from ([Piece(text)] if text else [])
    yield End(tokens=(0, 0), refusal=refusal, extra=found.as_json())


def _form(home: Any, request: ChatRequest, said: str) -> Any:
    """The form that is meant: named by the request, or the one whose name or title the words hold."""
    registry = home.forms.registry
    if named := (request.metadata or {}).get("form"):
        return registry.get(named)
    fits = [form for form in registry.list() if any(word.lower() in said.lower() for word in _names(form))]
    return fits[0] if len(fits) == 1 else None


def _names(form: Any) -> list[str]:
    return [name for name in (form.name, form.title, form.name.replace("-", " ")) if name]


def _offer(home: Any) -> str:
    forms = [f"- `{form.name}`: {markdown.inert(form.title)}" for form in home.forms.registry.list()]
    return "\n".join(["Which form, and about whom? There are:", *forms]) if forms else "There are no forms yet."


def _begun(home: Any, caller: Principal, form: Any, said: str) -> Generator[Said, None, Any]:
    from agents.forms.state import Filling, Step

    about = said
    for name in sorted(_names(form), key=len, reverse=True):
        about = re.sub(re.escape(name), " ", about, flags=re.IGNORECASE)
    about = LEADING.sub("", " ".join(about.split())).strip() or said
    for event in home.forms.stream(caller, form.name, about):
        if isinstance(event, Step):
            yield Thought(f"{event.name}: {event.detail}\n")
        elif isinstance(event, Filling):
            return event
    raise Invalid("The form was not filled.", "Say whom it is about.")


def _gone_on(home: Any, caller: Principal, filling_id: str, said: str) -> Any:
    if said.lower().strip(" .!") == "sign":
        return home.forms.sign(caller, filling_id)
    if (number := whole(said)) is not None:
        return home.forms.choose(caller, filling_id, number)
    pairs = [line.partition(":") for line in said.splitlines() if ":" in line]
    if not pairs:
        raise Invalid("These words answer no field.", HOW)
    return home.forms.answer(caller, filling_id, {path.strip(" -`"): _value(text) for path, _, text in pairs})


def _value(text: str) -> Any:
    """A number, a truth or a list as JSON writes it; everything else is text."""
    try:
        return json.loads(text.strip())
    except ValueError:
        return text.strip()


def _told(filling: Any, request: ChatRequest) -> tuple[str, str]:
    if request.schema_asked is None:
        return _shown(filling), ""
    document = filling.as_json()["values"]
    if shape.fits(document, request.schema_asked):
        return json.dumps(document, ensure_ascii=False), ""
    return "", f"The filling does not meet the JSON Schema; missing: {', '.join(filling.unfilled[:20]) or 'nothing'}."


def _shown(filling: Any) -> str:
    if filling.status == "clarify":
        lines = [f"{one.number}. {markdown.inert(one.label)} {markdown.inert(one.detail)}" for one in filling.choices]
        return "\n".join(["Which one is meant? Say its number.", *lines])
    lines = [f"- `{value.path}`: {markdown.inert(value.value)}" for value in filling.values if value.status == "filled"]
    missing = [f"- `{path}`" for path in filling.unfilled]
    if filling.status == "signed":
        return "\n".join([f"Signed by {markdown.inert(filling.signer)}.", *lines])
    return "\n".join(["Filled:", *lines, "", "Missing:", *missing, "", HOW])
