"""What questions are drawn over: a catalogue with its words, the texts that stand in it, and a way to run SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING, Any, Protocol

from agents.columns import measures, texts, times
from agents.paths import Path
from agents.semantic import Semantic
from data.catalog import Catalog, Table
from finetune.origin import Origin, Stored, Values, labels_of
from finetune.phrasing import Bank
from finetune.words_of import words_of

if TYPE_CHECKING:
    import pyarrow as pa

    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval.retriever import Reader

Run = Callable[[str], "pa.Table"]

READ = 2_000
"""Rows of a table that its numbers and times are learnt from."""
FEW = 5
_SHARES = tuple(n / 20 for n in range(21))


class Domain(Protocol):
    """An invented business, as `finetune.worlds` makes them."""

    @property
    def name(self) -> str: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def words(self) -> Bank: ...
    @property
    def values(self) -> Values: ...
    @property
    def lacks(self) -> Mapping[str, Sequence[str]]: ...
    def connect(self) -> Any: ...


@dataclass(frozen=True)
class Profile:
    """What stands in numbers and times, by the full name of the column."""

    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Quantiles, every twentieth."""
    days: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    """The first and the last day."""
    gaps: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """The days that mostly lie between two times of a row."""
    nulls: Mapping[str, float] = field(default_factory=dict)
    """The share of rows without a value, where there are any."""

    unique: set[str] = field(default_factory=set)
    """Texts that come but once."""

    @property
    def last(self) -> date | None:
        """The last day of any column."""
        return max((until for _, until in self.days.values()), default=None)


@dataclass(frozen=True)
class Ground:
    """`lacks` are things that people might ask of a table and that it does not hold; `origin` is what is stored behind
    the names; of the columns in `withheld`, such as `clinic.patient.name`, no value is looked at; `phrases` are the
    wordings that questions are drawn in, all that ship by default."""

    name: str
    catalog: Catalog
    values: Values
    words: Bank
    run: Run
    lacks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    origin: Origin = field(default_factory=Origin)
    withheld: frozenset[str] = frozenset()
    phrases: Bank | None = None

    @classmethod
    def of(cls, domain: Domain) -> Ground:
        """Over an invented business, with its rows in memory."""
        connection = domain.connect()
        connection.execute("SET threads = 1")

        def run(sql: str) -> pa.Table:
            return connection.execute(sql).to_arrow_table()

        return cls(domain.name, domain.catalog, domain.values, domain.words, run, domain.lacks)

    @classmethod
    def read(
        cls,
        gateway: Gateway,
        principal: Principal,
        reader: Reader,
        words: Bank | None = None,
        *,
        withheld: frozenset[str] = frozenset(),
    ) -> Ground:
        """Over what a principal may read, in plain names; by default in the words that these names give. `withheld` are
        stored columns of which no value is looked at."""
        semantic = Semantic.of(reader.catalog)

        def run(sql: str) -> pa.Table:
            return gateway.query(principal, semantic.read(sql), limit=READ, question="training set").table

        spoken = words_of(semantic.catalog) if words is None else words
        texts = {
            t: {c: list(v) for c, v in by.items() if f"{t}.{c}" not in withheld}
            for t, by in reader.values.columns.items()
        }
        values = {t: {c: list(v) for c, v in by.items()} for t, by in semantic.values(texts).items()}
        origin = Origin(Stored(reader.catalog, texts, labels_of(reader.catalog)))
        unseen = frozenset(semantic.called(name) for name in withheld)
        return cls("lakehouse", semantic.catalog, values, spoken, run, origin=origin, withheld=unseen)

    @cached_property
    def profile(self) -> Profile:
        """Learnt from the first rows of each table."""
        found = Profile({}, {}, {}, {}, set())
        for table in self.catalog.tables:
            self._learn(table, found)
        return found

    def _learn(self, table: Table, profile: Profile) -> None:
        import numpy as np

        names = [c.name for c in table.columns]
        path = Path(table)
        timed = {c.name for c in times(table)}
        columns = ", ".join(_meant(path.column(table.name, name), name in timed) for name in names)
        rows = self.run(f"{path.clause} SELECT {columns} LIMIT {READ}")
        numeric = {c.name for c in measures(self.catalog, table)}
        texted = {c.name for c in texts(table)}
        for a, b in permutations(sorted(timed), 2):
            pairs = zip(*(rows.column(names.index(name)).to_pylist() for name in (a, b)), strict=True)
            gaps = sorted((_moment(y) - _moment(x)).total_seconds() / 86_400 for x, y in pairs if x and y)
            if gaps and gaps[len(gaps) // 10] >= 0:
                _of(profile.gaps)[f"{table.full_name}.{a}", f"{table.full_name}.{b}"] = gaps[len(gaps) // 2]
        for name, column in zip(names, rows.columns, strict=True):
            full, found = f"{table.full_name}.{name}", [v for v in column.to_pylist() if v is not None]
            if len(found) < rows.num_rows:
                _of(profile.nulls)[full] = 1 - len(found) / rows.num_rows
            if name in texted and len(found) > FEW and len(set(found)) == len(found):
                profile.unique.add(full)
            if full in self.withheld:
                continue
            if found and name in numeric:
                _of(profile.numbers)[full] = tuple(np.quantile([float(v) for v in found], _SHARES).tolist())
            if found and name in timed:
                moments = [_moment(v) for v in found]
                _of(profile.days)[full] = (min(moments).date(), max(moments).date())

    @property
    def now(self) -> datetime:
        """A moment soon after the last rows: what 'last month' is counted from."""
        last = self.profile.last or date(2026, 1, 1)
        return datetime(last.year, last.month, last.day, 9, 30, tzinfo=UTC) + timedelta(days=1)


def _of(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    assert isinstance(mapping, dict)
    return mapping


def _meant(column: str, timed: bool) -> str:
    """A column as SQL: of a time, what is meant by it and not what a store keeps for it."""
    return f"{column} + INTERVAL 0 DAY" if timed else column


def _moment(value: date) -> datetime:
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return moment.replace(tzinfo=None)
