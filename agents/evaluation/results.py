"""What a run gave: a report for each endpoint, and each two of them compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from agents.evaluation.comparison import Comparison, compared
from agents.evaluation.outcome import Outcome
from agents.evaluation.report import Report, report


@dataclass(frozen=True)
class Results:
    """The outcomes of each endpoint over the same questions, in the order asked, of which `planned` were to be."""

    endpoints: dict[str, list[Outcome]]
    planned: int

    @classmethod
    def of(cls, asked: Sequence[dict[str, Outcome]], planned: int) -> Results:
        """From the outcomes of at least one question."""
        return cls({name: [row[name] for row in asked] for name in asked[0]}, planned)

    @property
    def n(self) -> int:
        return len(next(iter(self.endpoints.values())))

    @property
    def partial(self) -> bool:
        return self.n < self.planned

    @cached_property
    def reports(self) -> dict[str, Report]:
        return {name: report(outcomes, partial=self.partial) for name, outcomes in self.endpoints.items()}

    @cached_property
    def comparisons(self) -> list[Comparison]:
        pairs = combinations(self.endpoints.items(), 2)
        return [compared(first, ours, second, theirs) for (first, ours), (second, theirs) in pairs]

    def document(self) -> dict[str, Any]:
        """For programs: the report of the one endpoint, or those of all with the comparisons."""
        documents = {name: asdict(made) for name, made in self.reports.items()}
        if len(documents) == 1:
            return next(iter(documents.values()))
        return {"endpoints": documents, "comparisons": [asdict(item) for item in self.comparisons]}
