"""What a token may be used for. A scope never gives more than its principal has: it only leaves things out."""

from __future__ import annotations

from collections.abc import Iterable

from data.errors import Invalid

FACES = ("ask", "catalog", "code", "documents", "features", "forms", "models", "score", "sql", "ui")
"""One for each face that a person uses; a token has all of them unless it is made with fewer."""
ADMIN = "admin"
"""What only the administrator's tokens can have, and only where it is asked for."""
ALL = (*FACES, ADMIN)


def parsed(text: str) -> tuple[str, ...]:
    """The scopes of `ask,sql`, or `all`; Invalid quotes what is none."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    return ALL if names == ["all"] else checked(names)


def checked(names: Iterable[str]) -> tuple[str, ...]:
    """The names, each once and in order; Invalid quotes one that is no scope, or says that there is none."""
    wanted = sorted(set(names))
    for name in wanted:
        if name not in ALL:
            raise Invalid(f"'{name}' is no scope.", f"Use some of: {', '.join(ALL)}; or all.")
    if not wanted:
        raise Invalid("A token without a scope is of no use.", f"Use some of: {', '.join(ALL)}; or all.")
    return tuple(wanted)
