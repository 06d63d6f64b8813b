"""Whether what was learnt may answer: better where it should be, and no worse elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finetune.gate import Verdict
from finetune.learn.contest import GENERAL, LEARNED

WORSE = 0.01
"""By how much the share right on worlds that are held out may fall."""


def verdict(found: Mapping[str, Any], margin: float, what: str) -> Verdict:
    """By the facts of a contest with its `worlds`; at least `margin` better on the questions called `what`, or better
    at all where that is 0."""
    before, after = found[GENERAL]["right"], found[LEARNED]["right"]
    told = f"{after:.3f} of {found[LEARNED]['n']} {what} are answered right, {before:.3f} by the adapter before"
    if not (after >= before + margin and after > before):
        wanted = f"at least {margin:.3f} more" if margin else "more"
        return Verdict(False, f"{told}: that is not {wanted}.")
    general = found["worlds"]
    elsewhere = f"on {general['n']} questions over other worlds {general[LEARNED]:.3f} after {general[GENERAL]:.3f}"
    if general[LEARNED] < general[GENERAL] - WORSE:
        return Verdict(False, f"{told}, but {elsewhere}: it forgot too much.")
    return Verdict(True, f"{told}; {elsewhere}.")
