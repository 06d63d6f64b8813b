"""A value in a sentence."""

from __future__ import annotations

LONGEST = 80


def quote(value: object) -> str:
    """A value as it stands in a reason: in one line, at most 80 characters, nothing that a terminal obeys."""
    if isinstance(value, bytes):
        value = value[: 4 * LONGEST].decode("utf-8", "replace")
    text = value if isinstance(value, str) else _written(value)
    shown = "".join(letter if letter.isprintable() else "�" for letter in text[: LONGEST + 1])
    return f"'{shown}'" if len(shown) <= LONGEST else f"'{shown[: LONGEST - 1]}…'"


def _written(value: object) -> str:
    import orjson

    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str).decode()
    except (orjson.JSONEncodeError, RecursionError):
        return str(value)
