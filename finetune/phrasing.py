"""How people speak of tables, columns and conditions: a bank of phrases, and the choice among them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

Bank = dict[str, Any]


@lru_cache(maxsize=8)
def bank(name: str) -> Bank:
    """A file of phrases that ships: 'phrases', 'generic' and 'refusals' fit any data, 'demo' the demo's tables."""
    text = files("finetune").joinpath("wording", f"{name}.yaml").read_text(encoding="utf-8")
    loaded: Bank = yaml.safe_load(text)
    return loaded


def plural(noun: str) -> str:
    """The plural of a column's name: 'city' -> 'cities', 'kind of music' -> 'kinds of music'."""
    head, of, rest = noun.partition(" of ")
    if of:
        return plural(head) + of + rest
    if noun.endswith(("s", "x", "ch")):
        return noun if noun.endswith("ss") is False and noun.endswith("es") else noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


@dataclass(frozen=True)
class Noun:
    """A thing's name in both numbers."""

    plural: str
    singular: str


_ONSETS = (
    "b", "br", "bl", "ch", "d", "dr", "f", "fl", "g", "gl", "gr", "h", "j", "k", "kl", "l", "m", "n", "p",
    "pl", "qu", "r", "s", "sk", "sn", "st", "t", "tr", "v", "w", "z",
)  # fmt: skip
_VOWELS = ("a", "e", "i", "o", "u", "oo", "ee")
_CODAS = (
    "b", "ck", "d", "g", "k", "l", "m", "mp", "n", "nt", "p", "rk", "rt", "sh", "sp", "t", "x", "zz",
)  # fmt: skip


_TAKEN = frozenset(("six", "ten", "man", "men", "sum", "max", "min", "bot", "fart", "not", "fun", "win", "won", "top"))


def pseudoword(rng: random.Random) -> Noun:
    """A word that no one uses, so that only its hint tells what it means."""
    word = ""
    while not word or word in _TAKEN:
        word = "".join(rng.choice(part) for part in (_ONSETS, _VOWELS, _CODAS))
    if rng.random() < 0.5:
        word += "".join(rng.choice(part) for part in (_VOWELS[:5], _CODAS[:12]))
    return Noun(plural(word) if not word.endswith(("sh", "x", "zz")) else word + "es", word)


def misspelt(text: str, rng: random.Random) -> str:
    """The text with a slip in one long word: two letters swapped, one left out or one doubled."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 5 and word.isalpha() and word[1:].islower()]
    if not long:
        return text
    i = rng.choice(long)
    word, at = words[i], rng.randrange(1, len(words[i]) - 2)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    words[i] = rng.choice((swapped, swapped, word[:at] + word[at + 1 :], word[: at + 1] + word[at:]))
    return " ".join(words)


def shortened(text: str, rng: random.Random) -> str:
    """The text with one of its words as people in a hurry write it: 'avg', 'no. of', 'w/o'."""
    known = [(long, short) for long, short in bank("phrases")["short"].items() if f" {long} " in f" {text.lower()} "]
    if not known:
        return text
    long, short = rng.choice(known)
    return re.sub(rf"(?<!\S){re.escape(long)}(?!\S)", lambda _: rng.choice(short), text, count=1, flags=re.I)


def as_typed(question: str, rng: random.Random) -> str:
    """The question as people type it: some polite, some in lower case or without a full stop, a few slips."""
    phrases = bank("phrases")
    question = " ".join(question.split()).replace(" ?", "?").replace(" .", ".")
    if rng.random() < 0.07:
        question = rng.choice(phrases["polite"]) + question[0].lower() + question[1:]
    if rng.random() < 0.06:
        question = question.rstrip(".?") + rng.choice(phrases["tail"]) + question[-1] * question.endswith("?")
    if rng.random() < 0.08:
        question = shortened(question, rng)
    if rng.random() < 0.25:
        question = question.rstrip(".?")
    if rng.random() < 0.28:
        question = question.lower()
    elif rng.random() < 0.006:
        question = question.upper()
    if rng.random() < 0.05:
        question = misspelt(question, rng)
    return question[0].upper() + question[1:] if rng.random() < 0.6 else question
