"""Invented names and notes, drawn one by one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache(maxsize=1)
def _pools() -> dict[str, Any]:
    text = files("finetune.worlds").joinpath("pools.yaml").read_text(encoding="utf-8")
    # Every word is text: Norway's code is no truth value.
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


@dataclass(frozen=True)
class Pools:
    """Draws names; `codes` tells whether countries are written as two letters."""

    rng: random.Random
    codes: bool

    def person(self) -> str:
        return f"{self.one('first')} {self.one('last')}"

    def one(self, kind: str) -> str:
        return str(self.rng.choice(_pools()[kind]))

    def place(self) -> tuple[str, str]:
        """(city, country)"""
        code = self.rng.choice(sorted(_pools()["countries"]))
        country, *cities = _pools()["countries"][code]
        return str(self.rng.choice(cities)), str(code if self.codes else country)

    def built(self, parts: Sequence[Sequence[str]]) -> str:
        """A name of one word from each part."""
        return " ".join(filter(None, (self.rng.choice(part) for part in parts)))

    def company(self) -> str:
        lead, *rest = _pools()["company"]
        shape = self.rng.random()
        if shape < 0.2:
            return f"{self.one('last')} {self.built(rest[1:])}"
        return self.built((lead, *rest)) if shape < 0.6 else self.built((lead, rest[0]))

    def title(self) -> str:
        return self.built(_pools()["title"])

    def note(self) -> str:
        return self.built(_pools()["note"])

    def pattern(self, pattern: str) -> str:
        """A code: '#' is any digit."""
        return "".join(self.rng.choice("0123456789") if c == "#" else c for c in pattern)


def combined(parts: Sequence[Sequence[str]], number: int, rng: random.Random) -> list[str]:
    """So many different names of one word from each part; when there are no more, numbered ones."""
    names = [" ".join(filter(None, words)) for words in itertools.product(*parts)]
    rng.shuffle(names)
    rounds = range(-(-number // len(names)))
    return [f"{name} {n + 1}" if n else name for n in rounds for name in names][:number]


def different(draw: Callable[[], str], number: int) -> Iterator[str]:
    """So many draws, no two of them equal: what comes again gets a number."""
    seen: dict[str, int] = {}
    for _ in range(number):
        text = next((t for t in (draw() for _ in range(6)) if t not in seen), "") or draw()
        seen[text] = seen.get(text, 0) + 1
        while seen[text] > 1:
            text = f"{text.removesuffix(f' {seen[text] - 1}')} {seen[text]}"
            seen[text] = seen.get(text, 0) + 1
        yield text
