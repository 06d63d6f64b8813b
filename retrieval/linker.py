"""Linking: which table, column, value, period or number each phrase of a question means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from data.catalog import Catalog
from retrieval.graph import distances, neighbours, parents
from retrieval.hints import Hint
from retrieval.moments import moments
from retrieval.numbers import numbers
from retrieval.spans import Span, is_stopword, normal, phrases, plain, singular, words
from retrieval.values import Value, Values

Neighbours = Callable[[list[str]], list[tuple[str, ...]]]
SIMILAR_LETTERS = 86.0
MOST_TARGETS = 2
FAR = 3  # a column this many relationships away from the tables that are surely meant is no likely meaning


@dataclass(frozen=True)
class Link:
    """Everything that a question's phrases were found to mean, and the named things that nothing matched."""

    hints: tuple[Hint, ...]
    unknown: tuple[str, ...]


class Names:
    """The normal forms of what tables and columns are called."""

    def __init__(self, catalog: Catalog) -> None:
        self.tables: dict[str, list[str]] = defaultdict(list)
        self.columns: dict[str, list[str]] = defaultdict(list)
        self.said: list[str] = []
        for table in catalog.tables:
            for said in (table.name, *table.synonyms):
                self._add(self.tables, said, table.full_name)
            for column in table.columns:
                for said in (column.name, *column.synonyms):
                    self._add(self.columns, said, f"{table.full_name}.{column.name}")

    def _add(self, targets: dict[str, list[str]], said: str, target: str) -> None:
        self.said.append(singular(said.replace("_", " ")))
        if target not in targets[normal(said)]:
            targets[normal(said)].append(target)


class Linker:
    """Links questions for one principal: over the visible catalogue and the values that the principal may read."""

    def __init__(
        self, catalog: Catalog, values: Values, neighbours: Neighbours, today: Callable[[], date] = date.today
    ) -> None:
        self._catalog, self._values, self._neighbours, self._today = catalog, values, neighbours, today
        self.names = Names(catalog)

    def link(self, question: str) -> Link:
        """Periods and numbers first, then names and values with the longest phrases first, then what sounds alike."""
        timed = [
            Hint(m.text, "time", literals=(str(m.since or ""), str(m.until or "")), start=m.start)
            for m in moments(question, self._today())
        ]
        taken = [(h.start, h.start + len(h.span)) for h in timed]
        counted = list(self._numbers(question, taken))
        taken += [(h.start, h.start + len(h.span)) for h in counted]
        free = [span for span in phrases(question) if not _inside(question, span, taken)]
        exact = list(self._exact(free))
        rest = [span for span in free if not any(span.overlaps(s) for s, _ in exact) and not is_stopword(span.text)]
        found = exact + self._similar(rest)
        starts = [word.start() for word in words(question)]
        named = [replace(hint, start=starts[span.start]) for span, hint in found]
        resolved = self._resolve(named)
        covered = [span for span, _ in found]
        unknown = tuple(
            s.text
            for s in rest
            if s.end - s.start == 1 and s.text[:1].isupper() and s.start and not any(s.overlaps(c) for c in covered)
        )
        return Link(tuple(sorted(timed + counted + resolved, key=lambda h: h.start)), unknown)

    def _numbers(self, question: str, taken: list[tuple[int, int]]) -> Iterator[Hint]:
        for number in numbers(question, taken):
            if number.operator or plain(number.text) not in ("one", "zero"):
                yield Hint(
                    number.text,
                    "number",
                    literals=number.values,
                    operator=number.operator or "",
                    start=number.start,
                )

    def _exact(self, spans: Iterable[Span]) -> Iterator[tuple[Span, Hint]]:
        used: list[Span] = []
        for span in spans:
            if any(span.overlaps(other) for other in used):
                continue
            hint = self._proper(span) if is_stopword(span.text) or _imperative(span) else self.meaning(span.text)
            if hint:
                used.append(span)
                yield span, hint

    def _proper(self, span: Span) -> Hint | None:
        """A function word counts only when written like a stored value with a capital: the band 'Five'."""
        same = [
            v
            for v in self._values.find(singular(span.text))
            if v.literal == span.text and span.text[0].isupper() and span.start
        ]
        return _valued(span.text, same) if same else None

    def meaning(self, text: str, said: str = "") -> Hint | None:
        """What a phrase means, read as `said` when it is misspelt: a value, else a table, else a column."""
        norm, form = normal(said or text), singular(said or text)
        values, tables, columns = (
            self._values.find(form),
            self.names.tables.get(norm),
            self.names.columns.get(norm),
        )
        if tables and not (values and text[:1].isupper() and any(v.literal == text for v in values)):
            return Hint(text, "table", tuple(tables))
        if values:
            return _valued(text, values)
        return Hint(text, "column", tuple(columns)) if columns else None

    def _similar(self, spans: list[Span]) -> list[tuple[Span, Hint]]:
        found: list[tuple[Span, Hint]] = []
        for search in (self._misspelt, self._alike):
            left = [span for span in spans if not any(span.overlaps(other) for other, _ in found)]
            for span, hint in search(left):
                if not any(span.overlaps(other) for other, _ in found):
                    found.append((span, hint))
        return found

    def _misspelt(self, spans: list[Span]) -> list[tuple[Span, Hint]]:
        from rapidfuzz import fuzz, process

        forms = (*self.names.said, *self._values.forms())
        found = []
        for span in spans:
            if len(span.text) < 5 or span.norm.isdigit():
                continue
            best = process.extractOne(singular(span.text), forms, scorer=fuzz.ratio, score_cutoff=SIMILAR_LETTERS)
            hint = self.meaning(span.text, best[0]) if best else None
            if hint:
                found.append((span, hint))
        return found

    def _alike(self, spans: list[Span]) -> list[tuple[Span, Hint]]:
        short = [s for s in spans if s.end - s.start <= 2 and not s.norm.isdigit() and not _edged(s)]
        targets = self._neighbours([span.text for span in short])
        pairs = zip(short, targets, strict=True)
        return [(s, Hint(s.text, "table" if t[0] in self._catalog else "column", t)) for s, t in pairs if t]

    def _rather_column(self, hint: Hint, hints: list[Hint]) -> Hint:
        """'Subscriptions per plan': a table's word means its column where another word means the table."""
        if hint.kind != "table" or not _more_than(hint, hints):
            return hint
        columns = tuple(c for c in self.names.columns.get(normal(hint.span), ()) if _table_of(c) in hint.targets)
        return replace(hint, kind="column", targets=columns) if columns else hint

    def _resolve(self, hints: list[Hint]) -> list[Hint]:
        """Of several meanings keeps those nearest, along relationships, to the tables that are surely meant."""
        hints = [self._rather_column(hint, hints) for hint in hints]
        sure = {h.targets[0] for h in hints if h.kind == "table" and len(h.targets) == 1}
        sure |= {_table_of(h.targets[0]) for h in hints if h.kind != "table" and len(h.targets) == 1 and not sure}
        far, above = distances(neighbours(self._catalog), sure), distances(parents(self._catalog), sure)
        near = [replace(hint, targets=_nearest(hint, far, above)) for hint in hints]
        return [
            hint for hint in near if hint.kind != "column" or not far or far.get(_table_of(hint.targets[0]), FAR) < FAR
        ]


def _more_than(hint: Hint, hints: list[Hint]) -> bool:
    return any(other.targets == hint.targets and other.start != hint.start for other in hints)


def _imperative(span: Span) -> bool:
    """True for a question's first word where it may ask rather than name: 'Name the city …'."""
    return span.start == 0 and span.end == 1 and plain(span.text) in ("name", "rank", "date", "state", "value")


def _table_of(target: str) -> str:
    return target.rsplit(".", 1)[0]


def _nearest(hint: Hint, far: dict[str, int], above: dict[str, int]) -> tuple[str, ...]:
    """The nearest targets, then those one step up: 'plays in Canada' may mean the listener's country."""

    def steps(target: str) -> int:
        return far.get(target if hint.kind == "table" else _table_of(target), 99)

    if not far:
        return hint.targets[:MOST_TARGETS]
    least = min(steps(target) for target in hint.targets)
    nearest = [t for t in hint.targets if steps(t) == least]
    if hint.kind != "table":
        nearest += [t for t in hint.targets if steps(t) > least and above.get(_table_of(t), FAR) <= least + 1]
    return tuple(nearest[:MOST_TARGETS])


def _valued(text: str, values: Iterable[Value]) -> Hint:
    """One hint per stored text; where phrases fit several texts the first one wins."""
    found = list(values)
    literal = next((v.literal for v in found if v.literal == text), found[0].literal)
    targets = tuple(f"{v.table}.{v.column}" for v in found if v.literal == literal)
    return Hint(text, "value", targets, (literal,))


def _edged(span: Span) -> bool:
    """True for a phrase that begins or ends with a function word, as 'of streams'."""
    parts = [word.group() for word in words(span.text)]
    return is_stopword(parts[0]) or is_stopword(parts[-1])


def _inside(question: str, span: Span, taken: list[tuple[int, int]]) -> bool:
    found = words(question)
    start, end = found[span.start].start(), found[span.end - 1].end()
    return any(start < e and s < end for s, e in taken)
