"""Misspelt names and values: the known form that a phrase comes nearest to in letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from retrieval.spans import singular

NAME_LETTERS = 86.0
VALUE_LETTERS = 90.0  # there are many values, and everyday words come near to some of them
SHORTEST = 5
_ENDINGS = ("d", "ed", "er", "ers", "est", "ing", "ings", "ly", "r", "y")


class Spelling:
    """Looks for known forms with the same first letter; those of names come before those of values."""

    def __init__(self, names: Iterable[str], values: Iterable[str]) -> None:
        self._names, self._values = _by_letter(names), _by_letter(values)
        self._swapped: dict[str, list[str]] = defaultdict(list)
        self._joined: dict[str, str] = {}
        for by_letter in (self._names, self._values):
            for form in (form for forms in by_letter.values() for form in forms):
                self._joined.setdefault(form.replace(" ", ""), form)
                if " " not in form and len(form) >= SHORTEST:
                    self._swapped["".join(sorted(form))].append(form)

    def nearest(self, text: str) -> str | None:
        """The form that the phrase is a misspelling of."""
        from rapidfuzz import fuzz, process

        form = singular(text)
        if len(form) < SHORTEST:
            return None
        if same := self._joined.get(form.replace(" ", "")) or self._with_two_letters_swapped(form):
            return same
        name = process.extractOne(form, self._names.get(form[0], ()), scorer=fuzz.ratio, score_cutoff=NAME_LETTERS)
        values = process.extract(
            form, self._values.get(form[0], ()), scorer=fuzz.ratio, score_cutoff=VALUE_LETTERS, limit=3
        )
        value = next((found for found in values if not _another_word(form, found[0])), None)
        best = value if value and (name is None or value[1] > name[1]) else name
        return str(best[0]) if best else None

    def _with_two_letters_swapped(self, form: str) -> str | None:
        from rapidfuzz.distance import OSA

        same = self._swapped.get("".join(sorted(form)), ())
        return next((other for other in same if other[0] == form[0] and OSA.distance(form, other) == 1), None)


def _by_letter(forms: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The forms by their first letter, without those that are mere digits."""
    found: dict[str, list[str]] = defaultdict(list)
    for form in forms:
        if any(c.isalpha() for c in form):
            found[form[0]].append(form)
    return {letter: tuple(dict.fromkeys(forms)) for letter, forms in found.items()}


def _another_word(form: str, value: str) -> bool:
    """True for an inflection, as 'later' of 'late', and for words of which one begins with another letter."""
    said, stored = form.split(), value.split()
    if len(said) == 1 == len(stored):
        return form.startswith(value) and form[len(value) :] in _ENDINGS
    return len(said) == len(stored) and any(a[0] != b[0] for a, b in zip(said, stored, strict=True))
