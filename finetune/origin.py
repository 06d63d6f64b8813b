"""Where the plain names of a ground come from: what is stored, over which questions are linked, as they are in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agents.semantic import Semantic
from data.catalog import Catalog
from retrieval import Context
from retrieval.shortened import Labels

Values = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Stored:
    """Stored tables, with the texts in them and what codes among these mean."""

    catalog: Catalog
    values: Values
    labels: Labels = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """The stored side of a ground; None where names and values are stored as they are called."""

    stored: Stored | None = None

    def part(self, catalog: Catalog, values: Values) -> Stored:
        """The stored side of a part of the ground; a column whose values are not there has none here either."""
        if self.stored is None:
            return Stored(catalog, values)
        whole = self.stored
        part = Semantic.of(whole.catalog).origin(whole.catalog, catalog)
        texts = {
            table.full_name: {n: v for n, v in whole.values.get(table.full_name, {}).items() if n in table}
            for table in part.tables
        }
        return Stored(part, texts, whole.labels)

    def told(self, context: Context, catalog: Catalog, values: Values) -> Context:
        """A context over the stored side as the model reads it."""
        if self.stored is None:
            return context
        told = Semantic.of(self.stored.catalog).context(context)
        return replace(told, catalog=catalog, values=values)


def labels_of(catalog: Catalog) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """What the codes of columns mean, as the catalogue says it."""
    return {(t.full_name, c.name): dict(c.labels) for t in catalog.tables for c in t.columns if c.labels}
