"""What is held back from training, so that it can tell how well an adapter does on what it has not seen: some wordings,
some values, and some combinations of tables, columns and constructs. Each choice hangs on a hash alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from agents.grammar import OTHERWISE
from finetune.families import Drawn
from finetune.phrasing import Bank, bank

ONE_IN = 5
FEW = 5
"""A list of fewer wordings is not divided."""
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_CONSTANT = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
_WRITTEN = re.compile(r"^[\d: -]+$|^(?:day|hour|minute|week|month|quarter|year)$")
"""Texts in SQL that are no values: moments and parts of time."""

Keep = Callable[[Drawn], bool]


def held(text: str, one_in: int = ONE_IN) -> bool:
    """Whether this is of the part that is held back."""
    return int(hashlib.sha256(text.casefold().encode()).hexdigest()[:8], 16) % one_in == 0


def wordings(*, back: bool) -> Bank:
    """The wordings that are held back, or the others."""
    return {kind: _divided(forms, back) for kind, forms in bank("phrases").items()}


def _divided(forms: Any, back: bool) -> Any:
    if not isinstance(forms, list) or len(forms) < FEW or not all(isinstance(form, str) for form in forms):
        return forms
    return [form for form in forms if held(form) == back] or forms


def unseen(drawn: Drawn) -> bool:
    """Whether a question asks for a value or a combination that is held back; one without an answer, by its words."""
    if drawn.sql in OTHERWISE:
        return held(drawn.question)
    return held(_CONSTANT.sub("?", drawn.sql)) or any(held(value) for value in _values(drawn.sql))


def seen(drawn: Drawn) -> bool:
    """Whether a question may be learnt."""
    return not unseen(drawn)


def _values(sql: str) -> list[str]:
    return [text.strip("%") for text in _TEXT.findall(sql) if not _WRITTEN.match(text)]
