"""One thing that a form asks for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["string", "integer", "number", "boolean", "array", "object", "any"]


@dataclass(frozen=True)
class Field:
    """`path` is where the value goes: the names from the outermost object on, with "/" between them, "~1" for a "/" and
    "~0" for a "~" within a name, as in a JSON Pointer without its first "/". A form that is one value has the path "".

    `title` is the name in words; `sections` are those of the objects around it, outermost first. An `array` is one
    field; so is an `object` where the form does not say what is in it, or where it is within itself. `required` is
    what no filling may lack; `condition` says in words when the field counts, "" for always. `options` are the values
    that it may have, () for any; `fixed` is whether the form itself gives the only one. `instructions` and `unit` come
    from the hints.
    """

    path: str
    kind: Kind
    title: str
    description: str = ""
    sections: tuple[str, ...] = ()
    format: str = ""
    pattern: str = ""
    options: tuple[Any, ...] = ()
    fixed: bool = False
    required: bool = False
    condition: str = ""
    instructions: str = ""
    unit: str = ""
    items: Kind | None = None
    """What an array holds, where that is one plain kind."""
    columns: tuple[Field, ...] = ()
    """What the objects of an array hold, each with the property's name as its path."""
    most: int = 0
    """How many items an array may have, 0 for any number."""

    def as_json(self) -> dict[str, Any]:
        """The field as JSON can hold it."""
        return {
            **asdict(self),
            "sections": list(self.sections),
            "options": list(self.options),
            "columns": [one.as_json() for one in self.columns],
        }


def escaped(name: str) -> str:
    """A property's name as a step of a path."""
    return name.replace("~", "~0").replace("/", "~1")


def steps(path: str) -> tuple[str, ...]:
    """The properties' names of a path."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in path.split("/")) if path else ()
