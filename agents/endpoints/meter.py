"""What each principal may use of the models, and the record of what they did."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.errors import Busy
from data.usage import Call, Usage

if TYPE_CHECKING:
    from agents.endpoints import Endpoint
    from data.budget import Budget
    from data.policy import Principal

MINUTE, DAY = 60.0, 86_400.0
LETTERS_A_TOKEN = 4
"""By which tokens are guessed where a server tells none."""
MILLION = 1e6


@dataclass
class Spending:
    """Tokens of one request, as far as the model tells them; guessed from the letters otherwise."""

    read: int = 0
    written: int = 0
    estimated: bool = False

    def add(self, usage: object, asked: int, said: int) -> None:
        """Count one reply: `usage` is LangChain's usage metadata or None, `asked` and `said` are in letters."""
        if isinstance(usage, dict) and (usage.get("input_tokens") or usage.get("output_tokens")):
            self.read += int(usage.get("input_tokens", 0))
            self.written += int(usage.get("output_tokens", 0))
            return
        self.read += math.ceil(asked / LETTERS_A_TOKEN)
        self.written += math.ceil(said / LETTERS_A_TOKEN)
        self.estimated = True


@dataclass(frozen=True)
class Meter:
    """Counts over all processes of a home."""

    usage: Usage
    budget: Callable[[Principal], Budget]

    def check(self, principal: Principal) -> None:
        """Busy when the principal has used up a budget; `retry_after` is in seconds."""
        budget, now = self.budget(principal), time.time()
        if budget.requests is not None:
            spent = self.usage.spent(principal.name, now - MINUTE)
            if spent.requests >= budget.requests:
                said = f"'{principal.name}' asked models {spent.requests} times in a minute, of {budget.requests}."
                raise _busy(said, spent.first + MINUTE - now)
        if budget.tokens is not None:
            spent = self.usage.spent(principal.name, now - now % DAY)
            if spent.tokens >= budget.tokens:
                said = f"'{principal.name}' used {spent.tokens:,} tokens today, and may use {budget.tokens:,} a day."
                raise _busy(said, DAY - now % DAY)

    def record(
        self, principal: Principal, endpoint: Endpoint, spending: Spending, seconds: float, outcome: str
    ) -> None:
        """Keep what a request took."""
        price_in, price_out = endpoint.prices
        self.usage.write(
            Call(
                time.time(), principal.name, endpoint.name, endpoint.model, outcome, spending.read, spending.written,
                spending.estimated, seconds, (spending.read * price_in + spending.written * price_out) / MILLION,
            )
        )  # fmt: skip


def _busy(said: str, seconds: float) -> Busy:
    wait = max(1, math.ceil(seconds))
    return Busy(said, f"Ask again in {wait} seconds, or have its budget in the policy raised.", retry_after=wait)
