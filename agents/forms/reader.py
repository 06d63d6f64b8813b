"""A model that says which of the likely sources a field has: by the number of one that was offered, or that of none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from agents.forms.asked import Asked
from agents.forms.binding import Binding
from data.catalog import Catalog

if TYPE_CHECKING:
    from agents.endpoints import Endpoint

SYSTEM = (
    "A form's field is to be filled from a database. Answer with the number of the source that holds what the field"
    " asks for, or with 0 if none of them does."
)
MOST = 8
"""Sources that are offered, so that one digit tells each."""
LEAST = 0.2
LONGEST = 120

Read = Callable[[Asked, Sequence[Binding]], Binding | None]


def offered(found: Sequence[Binding]) -> list[Binding]:
    """The likeliest bindings, as a model is shown them."""
    best = sorted(found, key=lambda one: -one.confidence)
    return [one for one in best if one.confidence >= LEAST][:MOST]


def prompt(asked: Asked, sources: Sequence[Binding], catalog: Catalog) -> str:
    """What the model is shown of a field and its sources."""
    field = asked.field
    around = " / ".join(field.sections[-2:])
    kind = field.format or ("one of " + ", ".join(map(str, field.options[:6])) if field.options else field.kind)
    lines = [f"Field: {around}{': ' if around else ''}{asked.words or field.title} ({kind})"]
    lines += [f"Help: {field.description[:LONGEST]}"] if field.description else []
    lines += [f"{at} {told(one, catalog)}" for at, one in enumerate(sources, start=1)]
    return "\n".join(lines)


def told(binding: Binding, catalog: Catalog) -> str:
    """A source in one line: what it is, the link that leads there, and what the catalogue says of it."""
    way = " by " + ", ".join(link.column for link in binding.links) if binding.links else ""
    column = (
        catalog.table(binding.table).column(binding.column) if binding.column and binding.table in catalog else None
    )
    about = f": {column.description[:LONGEST]}" if column is not None and column.description else ""
    return f"{binding.said()}{way}{about}"


def grammar(count: int) -> str:
    """Inside which the model answers: a number that was offered, or 0."""
    return "start: " + " | ".join(f'"{number}"' for number in range(count + 1))


def reader(endpoint: Endpoint, catalog: Catalog) -> Read:
    """Asks a model; None where it takes none of the sources."""

    def read(asked: Asked, found: Sequence[Binding]) -> Binding | None:
        from langchain_core.messages import HumanMessage, SystemMessage

        sources = offered(found)
        if not sources:
            return None
        messages = [SystemMessage(SYSTEM), HumanMessage(prompt(asked, sources, catalog))]
        options: dict[str, Any] = {"grammar": grammar(len(sources))} if endpoint.grammar else {}
        said = str(endpoint.chat.invoke(messages, max_tokens=4, **options).text).strip()
        number = int(said) if said.isdigit() and said.isascii() else 0
        return sources[number - 1] if 1 <= number <= len(sources) else None

    return read
