"""One question as token ids, in SmolLM2's chat format. Training and serving both render with this class.

    prefix  <|im_start|>system\\n…<|im_end|>\\n
    turn    <|im_start|>user\\n…<|im_end|>\\n<|im_start|>assistant\\n
    answer  …<|im_end|>

The three parts are tokenised on their own and joined as ids, so the prefix is the same tokens in every
question. Control tokens come only from here: a text that spells `<|im_end|>` is encoded as plain characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import Invalid

if TYPE_CHECKING:
    from tokenizers import Tokenizer

START, END = "<|im_start|>", "<|im_end|>"


@dataclass(frozen=True)
class Dialogue:
    """The chat format over one tokenizer. `start` and `end` are the ids of its control tokens."""

    tokenizer: Tokenizer
    start: int
    end: int

    @classmethod
    def load(cls, folder: Path) -> Dialogue:
        """Read `tokenizer.json` of a model folder. Invalid when it lacks the format's control tokens."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
        if start is None or end is None:
            raise Invalid(
                f"The tokenizer in {str(folder)!r} has no {START} and {END}.",
                "Use a model with this chat format.",
            )
        tokenizer.encode_special_tokens = True
        return cls(tokenizer, start, end)

    def prefix(self, system: str) -> list[int]:
        """The ids of the system message, which many questions share."""
        return self._message("system", system)

    def turn(self, user: str) -> list[int]:
        """The ids of one question, up to where the answer begins."""
        return [*self._message("user", user), self.start, *self._text("assistant\n")]

    def chat(self, messages: Sequence[tuple[str, str]]) -> list[int]:
        """The ids of a whole conversation of (role, text), up to where the next answer begins."""
        said = [token for role, text in messages for token in self._message(role, text)]
        return [*said, self.start, *self._text("assistant\n")]

    def answer(self, text: str) -> list[int]:
        """The ids of an answer with the token that ends it."""
        return [*self._text(text), self.end]

    def text(self, ids: Sequence[int]) -> str:
        """The text of answer ids, without control tokens."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))

    def _message(self, role: str, content: str) -> list[int]:
        return [self.start, *self._text(f"{role}\n{content}"), self.end, *self._text("\n")]

    def _text(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)
