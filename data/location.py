"""Where a store is. Secrets come into a location from the environment or a file, and never leave it in a text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

PLACEHOLDER = re.compile(r"\$\{(?:(file):([^}]+)|([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?)\}")
"""`${file:PATH}`, `${NAME}` or `${NAME:-default}`."""
USER = re.compile(r"[A-Za-z][\w+.-]*://([^/?#]*)@")
"""What stands between the scheme and the host of a URL."""
LOOSE = re.compile(r"[A-Za-z][\w+.-]*://([^/?#:@]*:(?!\d+[/?]).*)@")
"""The same where the password has letters that it should not have as they are."""
SETTING = re.compile(
    r"(?i)(?:^|[?&;\s])(?:\w*passw(?:or)?d|pwd|\w*token|\w*secret\w*|api_?key|\w*credentials?)\s*=\s*([^&;\s]*)"
)
"""A setting in a URL's query or a connection string whose value is a secret."""
HIDDEN = "***"


class Location(str):
    """A location with its secrets filled in; its `repr` is the one to show."""

    shown: str

    def __new__(cls, text: str, shown: str) -> Location:
        made = super().__new__(cls, text)
        made.shown = shown
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return str(self), self.shown

    def __repr__(self) -> str:
        return repr(self.shown)


def shown(location: str) -> str:
    """A location without its secrets, for errors and lists."""
    return location.shown if isinstance(location, Location) else redacted(location)


def expand(text: str) -> Location:
    """The location with its placeholders filled in. A secret is written as it is: where it stands in a URL it
    is percent-encoded here.

    ValueError, with a message and a remedy, for a literal secret and for a placeholder without a value.
    """
    refuse_literal(text)
    secret = list(_secret_spans(text))
    filled, seen, at = [], [], 0
    for found in PLACEHOLDER.finditer(text):
        plain = text[at : found.start()]
        value = _value(found, text)
        inside = any(start <= found.start() < end for start, end in secret)
        filled += [plain, quote(value, safe="") if inside else value]
        seen += [plain, HIDDEN if inside or found[1] else redacted(value)]
        at = found.end()
    return Location("".join([*filled, text[at:]]), "".join([*seen, text[at:]]))


def refuse_literal(text: str) -> None:
    """ValueError when a password stands in the location itself, or in the default of a variable."""
    for found in PLACEHOLDER.finditer(text):
        refuse_literal(found[4] or "")
    masked = _masked(text)
    for start, end in _password_spans(masked):
        part = text[start:end]
        defaults = any(found[4] for found in PLACEHOLDER.finditer(part))
        if PLACEHOLDER.sub("", part) or defaults:
            raise ValueError(
                "a password stands in the location.",
                "Keep it in the environment or a file and write '${NAME}' or '${file:/run/secrets/NAME}' in its place "
                "(in a shell within single quotes).",
            )


def redacted(text: str) -> str:
    """A text with the passwords of its URL and settings hidden."""
    spans = sorted(_password_spans(text), reverse=True)
    for start, end in spans:
        text = text[:start] + HIDDEN + text[end:] if end > start else text
    return text


def _value(found: re.Match[str], text: str) -> str:
    if found[1]:
        return _of_file(Path(found[2]))
    value = os.environ.get(found[3]) or found[4]
    if value is None:
        raise ValueError(f"the variable '{found[3]}' of '{redacted(text)}' is not set.", f"Set {found[3]}.")
    return value


def _of_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text"
        raise ValueError(
            f"the file '{path}' can't be read: {reason}.", "Put the secret in it, or name another file."
        ) from None


def _masked(text: str) -> str:
    # Placeholders may hold any sign that means something in a URL.
    return PLACEHOLDER.sub(lambda found: "x" * len(found[0]), text)


def _secret_spans(text: str) -> Iterator[tuple[int, int]]:
    masked = _masked(text)
    user = USER.match(masked)
    if user:
        yield user.span(1)
    yield from (found.span(1) for found in SETTING.finditer(masked) if "://" in masked)


def _password_spans(masked: str) -> Iterator[tuple[int, int]]:
    user = USER.match(masked) or LOOSE.match(masked)
    if user and ":" in user[1]:
        yield user.start(1) + user[1].index(":") + 1, user.end(1)
    yield from (found.span(1) for found in SETTING.finditer(masked))
