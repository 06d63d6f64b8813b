"""One question as token ids, in the model's own chat format. Training and serving both render with this class.

In SmolLM2's format:

    prefix  <|im_start|>system\\n…<|im_end|>\\n
    turn    <|im_start|>user\\n…<|im_end|>\\n<|im_start|>assistant\\n
    answer  …<|im_end|>

The three parts are tokenised on their own and joined as ids, so the prefix is the same tokens in every
question. Control tokens come only from here: a text that spells `<|im_end|>` is encoded as plain characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agents.endpoints.chat_format import END, FORMATS, START, ChatFormat, Part
from data.errors import Invalid

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["END", "START", "Dialogue"]


@dataclass(frozen=True)
class Dialogue:
    """A chat format over one tokenizer. `controls` are the ids of its control tokens, `end` is the one that ends an
    answer."""

    tokenizer: Tokenizer
    format: ChatFormat
    controls: Mapping[str, int]

    @classmethod
    def load(cls, folder: Path) -> Dialogue:
        """Read `tokenizer.json` of a model folder. Invalid when it has the control tokens of no known format."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        for known in FORMATS:
            found = ((text, tokenizer.token_to_id(text)) for text in known.controls)
            ids = {text: token for text, token in found if token is not None}
            if len(ids) == len(known.controls):
                tokenizer.encode_special_tokens = True
                return cls(tokenizer, known, ids)
        raise Invalid(
            f"The tokenizer in {str(folder)!r} has no {START} and {END}, nor the control tokens of another format.",
            f"Use a model with one of these chat formats: {', '.join(known.name for known in FORMATS)}.",
        )

    @property
    def end(self) -> int:
        return self.controls[self.format.end]

    def prefix(self, system: str) -> list[int]:
        """The ids of the system message, which many questions share."""
        return self._ids([*self.format.fixed(self.format.begin), *self.format.parts("system", system)])

    def turn(self, user: str) -> list[int]:
        """The ids of one question behind the system message, up to where the answer begins."""
        return self.turns([("user", user)])

    def turns(self, messages: Sequence[tuple[str, str]]) -> list[int]:
        """The ids of what is said behind the system message, as (role, text), up to where the next answer begins."""
        followed = ("system", *(role for role, _ in messages))
        return self._ids([*self._said(messages, followed), *self.format.fixed(self.format.opening)])

    def chat(self, messages: Sequence[tuple[str, str]]) -> list[int]:
        """The ids of a whole conversation of (role, text), up to where the next answer begins."""
        said = self._said(messages, ("", *(role for role, _ in messages)))
        return self._ids([*self.format.fixed(self.format.begin), *said, *self.format.fixed(self.format.opening)])

    def _said(self, messages: Sequence[tuple[str, str]], followed: Sequence[str]) -> list[Part]:
        """The parts of messages; `followed` has the role before each."""
        return [
            part
            for last, (role, text) in zip(followed, messages, strict=False)
            for part in self.format.parts(role, text, follows_system=last == "system")
        ]

    def answer(self, text: str) -> list[int]:
        """The ids of an answer with the token that ends it."""
        return [*self._text(text), self.end]

    def text(self, ids: Sequence[int]) -> str:
        """The text of answer ids, without control tokens."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))

    def _ids(self, parts: Sequence[Part]) -> list[int]:
        """Each part on its own."""
        each = ([self.controls[part.text]] if part.control else self._text(part.text) for part in parts)
        return [token for ids in each for token in ids]

    def _text(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)
