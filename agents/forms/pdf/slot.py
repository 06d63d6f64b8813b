"""One place of a PDF form for a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from agents.forms.pdf.node import Node, Unreadable, states

Kind = Literal["text", "check", "radio", "choice", "list"]

READ_ONLY, REQUIRED = 1, 2
PASSWORD, FILE = 14, 21
RADIO, PUSH = 16, 17
COMBO, EDITABLE, SEVERAL = 18, 19, 22
MOST_OPTIONS = 2_000
DATE = re.compile(r"AFDate_(?:Format|Keystroke)Ex\(\s*[\"']([a-zA-Z/.,: -]{2,40})[\"']")
NUMBER = re.compile(r"AFNumber_(?:Format|Keystroke)\(\s*(\d{1,2})\s*,\s*(\d)")


@dataclass(frozen=True)
class Slot:
    """`name` is the field's full name in the PDF, `title` what it is called for people, "" where only the name says so.
    `options` are the labels of a choice with what the PDF calls them; a check box has its state there. `date` is the
    pattern in which a day is written, `places` and `separators` how a number is."""

    name: str
    kind: Kind
    title: str = ""
    required: bool = False
    longest: int = 0
    options: tuple[tuple[str, str], ...] = ()
    date: str = ""
    places: int = -1
    separators: int = 1

    def as_json(self) -> dict[str, Any]:
        """The slot as JSON can hold it."""
        return {**asdict(self), "options": [list(pair) for pair in self.options]}

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Slot:
        """The slot that `as_json` gave."""
        return cls(**{**found, "options": tuple((label, state) for label, state in found["options"])})


def slot_of(node: Node) -> Slot | None:
    """The slot of a field; None for what no value goes into: buttons to press, signatures, passwords, files, and what
    is only to be read. Unreadable for a form that is signed."""
    if node.entries["/FT"] == "/Sig":
        if node.entries.get("/V") is not None:
            raise Unreadable("The PDF is signed already, and to fill it would break that.", "Use the unsigned form.")
        return None
    if node.has(READ_ONLY) or not (made := _made(node)):
        return None
    title = " ".join(str(node.field.get("/TU") or "").split())
    return Slot(node.name, title=title, required=node.has(REQUIRED), **made)


def _made(node: Node) -> dict[str, Any]:
    match node.entries["/FT"]:
        case "/Tx" if not (node.has(PASSWORD) or node.has(FILE)):
            return {"kind": "text", "longest": _longest(node), **_written(node)}
        case "/Btn" if not node.has(PUSH):
            return _button(node)
        case "/Ch":
            options = _options(node)
            if node.has(SEVERAL) and not node.has(COMBO):
                return {"kind": "list", "options": options}
            free = node.has(COMBO) and node.has(EDITABLE)
            return {"kind": "text"} if free or not options else {"kind": "choice", "options": options}
    return {}


def _longest(node: Node) -> int:
    found = node.entries.get("/MaxLen")
    return int(found) if isinstance(found, int) and 0 < found < 100_000 else 0


def _written(node: Node) -> dict[str, Any]:
    """How the PDF's own scripts would write a value. They are read, and never run."""
    script = "\n".join(_scripts(node))
    if found := DATE.search(script):
        return {"date": found[1]}
    if found := NUMBER.search(script):
        return {"places": int(found[1]), "separators": int(found[2])}
    return {}


def _scripts(node: Node) -> list[str]:
    found = []
    for holder in (node.field, *node.widgets):
        actions = holder.get("/AA")
        actions = actions.get_object() if actions is not None else {}
        for key in ("/F", "/K"):
            action = actions.get(key) if isinstance(actions, dict) else None
            action = action.get_object() if action is not None else None
            script = action.get("/JS") if isinstance(action, dict) else None
            script = script.get_object() if script is not None else None
            if isinstance(script, str):
                found.append(script[:1_000])
    return found


def _button(node: Node) -> dict[str, Any]:
    """A check box with one state is yes or no; with several, as with radio buttons, it is a choice."""
    labels = _labels(node)
    found: dict[str, str] = {}
    for at, widget in enumerate(node.widgets):
        for state in states(widget):
            found.setdefault(labels.get(at, state), state)
    if not found:
        return {}
    kind = "radio" if node.has(RADIO) or len(found) > 1 else "check"
    return {"kind": kind, "options": tuple(found.items())}


def _labels(node: Node) -> dict[int, str]:
    """What the widgets of a button stand for, by their order, where the PDF says so."""
    options = node.entries.get("/Opt")
    texts = [str(one.get_object()) for one in options] if isinstance(options, list) else []
    return {at: text for at, text in enumerate(texts[:MOST_OPTIONS]) if text.strip()}


def _options(node: Node) -> tuple[tuple[str, str], ...]:
    """Label -> what is kept of it, for a list's lines."""
    found: dict[str, str] = {}
    options = node.entries.get("/Opt")
    for one in options[:MOST_OPTIONS] if isinstance(options, list) else ():
        line = one.get_object()
        kept, label = (line[0], line[1]) if isinstance(line, list) and len(line) == 2 else (line, line)
        if str(label.get_object()).strip():
            found.setdefault(str(label.get_object()), str(kept.get_object()))
    return tuple(found.items())
