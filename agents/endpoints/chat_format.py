"""The chat formats of the model families: which control tokens stand around a message. A format is data."""

from __future__ import annotations

from dataclasses import dataclass

START, END = "<|im_start|>", "<|im_end|>"


@dataclass(frozen=True)
class Part:
    """A text, or a control token by its name."""

    text: str
    control: bool


@dataclass(frozen=True)
class ChatFormat:
    """How a conversation is written. The parts of a message that are `controls` become one token each.

    `begin` opens a conversation; `message` takes {role} and {content}, `special` stands in for it in some roles;
    `opening` is where an answer begins, and `end` the token that ends it. `lone` stands before a person's message
    that does not follow a system message.
    """

    name: str
    controls: tuple[str, ...]
    message: tuple[str, ...]
    opening: tuple[str, ...]
    end: str
    begin: tuple[str, ...] = ()
    special: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lone: tuple[str, ...] = ()

    def parts(self, role: str, content: str, *, follows_system: bool = True) -> list[Part]:
        """The pieces of one message. What is a control is decided before the content is put in."""
        pieces = dict(self.special).get(role, self.message)
        lead = self.lone if role == "user" and not follows_system else ()
        return [Part(p.format(role=role, content=content), p in self.controls) for p in (*lead, *pieces)]

    def fixed(self, pieces: tuple[str, ...]) -> list[Part]:
        """The pieces of `begin` or `opening`."""
        return [Part(piece, piece in self.controls) for piece in pieces]


_HEADER = ("<|start_header_id|>", "<|end_header_id|>")

FORMATS = (
    # SmolLM2, Qwen, MPT-7B-chat.
    ChatFormat(
        "chatml",
        controls=(START, END),
        message=(START, "{role}\n{content}", END, "\n"),
        opening=(START, "assistant\n"),
        end=END,
    ),
    ChatFormat(
        "llama3",
        controls=("<|begin_of_text|>", *_HEADER, "<|eot_id|>"),
        begin=("<|begin_of_text|>",),
        message=(_HEADER[0], "{role}", _HEADER[1], "\n\n{content}", "<|eot_id|>"),
        opening=(_HEADER[0], "assistant", _HEADER[1], "\n\n"),
        end="<|eot_id|>",
    ),
    # The system message stands inside the first instruction.
    ChatFormat(
        "mistral",
        controls=("<s>", "[INST]", "[/INST]", "</s>"),
        begin=("<s>",),
        message=("{content}", "[/INST]"),
        special=(("system", ("[INST]", "{content}\n\n")), ("assistant", ("{content}", "</s>"))),
        opening=(),
        end="</s>",
        lone=("[INST]",),
    ),
)
"""A tokenizer's format is the first of which it has all control tokens."""
