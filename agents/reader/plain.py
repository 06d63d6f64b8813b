"""What a task says of a number, without the words that tell nothing of it and in the words that numbers are read by."""

from __future__ import annotations

import re

_RULES = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (
            r" \( ?(?:fraction(?:al)?(?: (?:days|hours|minutes))?(?: ?,[^()]*)?|decimals?|as an? (?:fraction"
            r"|decimal)|<n\d+> - <n\d+>"
            r"|exact|not rounded|unrounded) ?\)$",
            "",
        ),
        (r"^(?:the )?(?:n|num|nr|cnt|nb|no|number) (?:of )?(?=<[tw])", "number of "),
        (r"^((?:<v\d+> )?<t\d+>) (?:n|cnt|num|nr|count|counts|number)$", r"number of \1"),
        (r"^((?:<v\d+> )?<t\d+>) (?:total|sum|volume|value|amount|usd)(?: usd)?$", r"total \1"),
        (r"^(<t\d+>) (?:avg|average|mean)$", r"average \1"),
        (r" (?:usd|eur|dollars|in usd)$", ""),
        (r"\b(?:monthly|daily|weekly|yearly|individual|respective) ", ""),
        (r" (?:when|if|where) (?:<\w+>|[a-z]+)$", ""),
        (r"(<c\d+>) of (?:those|these|such|the same) <t\d+>$", r"\1"),
        (r"^new (?=<t)", "number of "),
        (
            r"^(first|earliest|last|latest|newest|oldest|most recent)_ ?(<t\d+>) ?_(?:at|on|date|day|time|when)$",
            r"\1 \2",
        ),
        (
            r"^(?:when|date of|day of|time of|moment of) (?:the |their |its )?(?=(?:first|earliest|last|latest"
            r"|newest|oldest) )",
            "",
        ),
        (
            r"^(?:the )?(first|earliest|last|latest) (?:one |of (?:them|these|those) )?(?:was |were "
            r"|they )?(?=<w\d+>$)",
            r"\1 ",
        ),
        (r"^(?:how many|number of) (?:of )?(?:them|these|those) (?:are |were |is )?(?=<)", ""),
    )
)


def plainly(text: str) -> str:
    """A phrase as a number is read from it: `merchant count` as `number of merchants`."""
    text = text.strip(" .,;")
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return text
