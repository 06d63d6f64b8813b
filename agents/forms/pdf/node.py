"""The fields of a PDF's form, out of its tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DEEPEST = 32
MOST_NODES = 20_000
INHERITED = ("/FT", "/Ff", "/V", "/Opt", "/MaxLen", "/Q")


class Unreadable(ValueError):
    """A PDF that can't be used as a form; the message says why, and the second argument what to do."""


@dataclass(frozen=True)
class Node:
    """A field that can have a value. `names` are those of the fields around it and its own, outermost first; `entries`
    are its own and inherited ones; `widgets` are where it is shown."""

    names: tuple[str, ...]
    entries: Mapping[str, Any]
    field: Any
    widgets: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The field's full name, as the PDF standard writes it."""
        return ".".join(self.names)

    @property
    def flags(self) -> int:
        return int(self.entries.get("/Ff", 0) or 0)

    def has(self, flag: int) -> bool:
        """Whether a flag is set, counted from 1 as the PDF standard does."""
        return bool(self.flags >> (flag - 1) & 1)


def nodes(acro_form: Mapping[str, Any]) -> Iterator[Node]:
    """The fields of a form in its order. Unreadable where they are nested without end."""
    seen = 0
    stack: list[tuple[tuple[str, ...], dict[str, Any], Any]] = []
    stack.extend(((), {}, child) for child in reversed(_list(acro_form.get("/Fields"))))
    while stack:
        names, above, reference = stack.pop()
        seen += 1
        if seen > MOST_NODES or len(names) > DEEPEST:
            raise Unreadable("The form's fields are nested too deeply, or too many.", "Split the form.")
        field = reference.get_object()
        if not isinstance(field, dict):
            continue
        own = (*names, str(field["/T"])) if "/T" in field else names
        entries = {**above, **{key: _plain(field[key]) for key in INHERITED if key in field}}
        kids = [kid for kid in _list(field.get("/Kids")) if isinstance(kid.get_object(), dict)]
        inner = [kid for kid in kids if "/T" in kid.get_object()]
        if inner:
            stack.extend((own, entries, kid) for kid in reversed(inner))
        elif own and "/FT" in entries:
            yield Node(own, entries, field, tuple(kid.get_object() for kid in kids) or (field,))


def states(widget: Mapping[str, Any]) -> tuple[str, ...]:
    """The states of a button beside "Off", without their slashes."""
    looks = _plain(widget.get("/AP"))
    normal = _plain(looks.get("/N")) if isinstance(looks, dict) else None
    found = [str(key)[1:] for key in normal if key != "/Off"] if isinstance(normal, dict) else []
    return tuple(found)


def _list(value: Any) -> list[Any]:
    found = _plain(value)
    return list(found) if isinstance(found, list) else []


def _plain(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value
