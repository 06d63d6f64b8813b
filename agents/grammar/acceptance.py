"""Whether the grammar of a question lets an answer be written, without any model's tokenizer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from agents.grammar import OTHERWISE, Values, lark
from agents.paths import Path
from data.errors import Invalid
from retrieval import Context


def accepts(context: Context, answer: str, values: Values | None = None) -> bool:
    """True when the whole answer, and nothing after it, lies in the question's grammar.

    Only the answer's own join path is looked at, which keeps this to a few milliseconds.
    """
    if answer in OTHERWISE:
        return True
    start = answer.removeprefix("FROM (")

    def own(path: Path) -> bool:
        return start.startswith(f"{path.clause} SELECT ")

    return matches(lark(context, values, own), answer)


def matches(grammar: str, answer: str) -> bool:
    """True when the answer lies in a grammar; Invalid, with llguidance's message, when that can't be read."""
    from llguidance import LLMatcher

    matcher = LLMatcher(tokenizer(), LLMatcher.grammar_from_lark(grammar))
    if matcher.is_error():
        raise Invalid(f"The grammar can't be used: {matcher.get_error()}.", "Mend its Lark text.")
    tokens = list(answer.encode())
    return bool(matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting())


@lru_cache(maxsize=1)
def tokenizer() -> Any:
    """A tokenizer whose tokens are bytes."""
    from llguidance import LLTokenizer

    return LLTokenizer("byte")
