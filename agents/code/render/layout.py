"""How programs are laid out: chains of calls, a call a line, none of them too long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

WIDTH = 100


def call(name: str, arguments: Sequence[str], indent: int = 4) -> str:
    """`.name(a, b)`, with an argument a line where it would be too long."""
    short = f".{name}({', '.join(arguments)})"
    if len(short) + indent <= WIDTH or not arguments:
        return short
    inner = " " * (indent + 4)
    return f".{name}(\n" + "".join(f"{inner}{argument},\n" for argument in arguments) + " " * indent + ")"


def chain(name: str, start: str, calls: Sequence[str]) -> str:
    """`name = start.a().b()`, over several lines unless it is short."""
    whole = f"{name} = {start}{''.join(calls)}"
    if not calls or (len(calls) == 1 and len(whole) <= WIDTH and "\n" not in whole):
        return whole
    return "\n".join((f"{name} = (", f"    {start}", *(f"    {text}" for text in calls), ")"))


def named(items: Iterable[tuple[str, str]], alias: str = "({1}).alias({0!r})") -> list[str]:
    """`name=value` for each, or by `alias` where the name is none in Python."""
    pairs = list(items)
    if all(name.isidentifier() and not _reserved(name) for name, _ in pairs):
        return [f"{name}={value}" for name, value in pairs]
    return [alias.format(name, value) for name, value in pairs]


def strings(names: Iterable[str]) -> str:
    """Names as a list of texts."""
    return ", ".join(text(name) for name in names)


def text(value: str) -> str:
    """A Python text in double quotes where it can be."""
    written = repr(value)
    return f'"{value}"' if written[1:-1] == value and '"' not in value else written


def either(names: Sequence[str]) -> str:
    """One text, or a list of several."""
    return text(names[0]) if len(names) == 1 else f"[{strings(names)}]"


def flags(values: Sequence[bool]) -> str:
    """One truth where all are alike, else a list."""
    return str(values[0]) if len(set(values)) == 1 else f"[{', '.join(map(str, values))}]"


def _reserved(name: str) -> bool:
    import keyword

    return keyword.iskeyword(name)
