"""The values of many fields of many subjects, through the gateway, in as few queries as there are ways to tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.forms.answered import Asks, answered, queried
from agents.forms.binding import Binding
from agents.forms.got import Got
from agents.forms.passages import Passages, quoted_of
from agents.forms.queries import EMPTY, KEY, ROW, Group, Said, grouped, params, sql
from agents.forms.rowed import rows_sql
from agents.forms.sight import Sight
from agents.forms.state import Source
from data.errors import DataError, NotFound, TooExpensive
from data.sources.base import literal
from data.values import plain

if TYPE_CHECKING:
    from agents.predictors.predictor import Predictor
    from data.catalog import Table
    from data.features.platform import Features
    from data.gateway import Result

SIZES = (1, 16, 64, 256)
"""How many keys a query has; a batch takes the next larger number."""


MOST_ROWS = 5_000
"""Rows that one query of lists may give."""
Found = Mapping[Any, dict[str, Got]]


@dataclass(frozen=True)
class Fetcher:
    """Reads for one caller. `features` and `predictor` give those by name, where the home has them."""

    sight: Sight
    today: datetime
    features: Callable[[], Features] | None = None
    predictor: Callable[[], Predictor] | None = None
    asks: Asks | None = None
    passages: Passages | None = None

    def fetch(self, table: str, keys: Sequence[Any], bindings: Sequence[Binding]) -> dict[Any, dict[str, Got]]:
        """Key -> binding's text -> what it gave. A key that the caller does not see is left out."""
        own = self.sight.readable.table(table)
        found: dict[Any, dict[str, Got]] = {key: {} for key in self._seen(own, keys)}
        present = list(found)
        if not present:
            return found
        readable = [one for one in bindings if self.sight.reads(one)]
        for group in grouped(readable):
            self._read(group, own, present, found)
        for binding in bindings:
            if binding.way == "feature":
                self._features(binding, own, present, found)
            elif binding.way == "score":
                self._score(binding, own, present, found)
            elif binding.way == "rows" and binding in readable:
                self._rows(binding, own, present, found)
            elif binding.way in ("query", "ask", "passage"):
                self._told(binding, own, present, found)
        return found

    def _seen(self, table: Table, keys: Sequence[Any]) -> list[Any]:
        """The keys that are there, in their order."""
        seen: set[Any] = set()
        for part in _parts(keys):
            group = Group(table.full_name, (), (Binding("column", table.full_name, table.key or ""),), False)
            seen |= {row[KEY] for row in self._ask(group, table, part).table.to_pylist()}
        return [key for key in dict.fromkeys(keys) if key in seen]

    def _read(self, group: Group, table: Table, keys: Sequence[Any], found: Found) -> None:
        texts = [one.as_text() for one in group.bindings]
        said = [self._said(one, table) for one in group.bindings]
        for part in _parts(keys):
            try:
                result = self._ask(group, table, part)
            except DataError as error:
                for key in part:
                    found[key] |= dict.fromkeys(texts, Got(None, None, error.message))
                continue
            rows = {row[KEY]: row for row in result.table.to_pylist()}
            versions = {use.table: use.version for use in result.sources}
            for key in part:
                for at, binding in enumerate(group.bindings):
                    found[key][texts[at]] = self._got(binding, key, rows.get(key), at, result, versions, said[at])

    def _got(
        self,
        binding: Binding,
        key: Any,
        row: Mapping[str, Any] | None,
        at: int,
        result: Result,
        versions: Mapping[str, str],
        said: Said | None,
    ) -> Got:
        value = row[f"v{at}"] if row is not None else None
        if value is None and binding.measure is not None:
            value = EMPTY.get(binding.measure.aggregate)
        if value is None:
            return Got(None, None, "The lakehouse holds nothing here for this subject.")
        source = Source(
            binding.way, binding.table, binding.column, plain((row or {}).get(ROW, key)),
            versions.get(binding.table, ""), said.about(key) if said else "",
            audit_id=result.audit_id,
        )  # fmt: skip
        return Got(_times(value, binding.factor), source)

    def _said(self, binding: Binding, table: Table) -> Said | None:
        """A measure's query; a column is told by its row."""
        if binding.way != "measure":
            return None
        return Said.of(binding, self.sight.readable, table, self.today.date())

    def _ask(self, group: Group, table: Table, keys: Sequence[Any]) -> Result:
        names, given = params(keys, next((size for size in SIZES if size >= len(keys)), len(keys)))
        return self._run(sql(group, self.sight.readable, table, names, self.today.date()), given)

    def _run(self, text: str, given: Mapping[str, object]) -> Result:
        result = self.sight.gateway.query(self.sight.principal, text, params=given, question="form")
        if result.truncated:
            raise TooExpensive("These are more subjects than one query may give.", "Fill fewer at once.")
        return result

    def _rows(self, binding: Binding, table: Table, keys: Sequence[Any], found: Found) -> None:
        """A list of objects, as a list of the raw values of each."""
        assert binding.rows is not None
        text = binding.as_text()
        size = next(one for one in reversed(SIZES) if one * binding.rows.most <= MOST_ROWS or one == 1)
        for part in _parts(keys, size):
            names, given = params(keys=part, size=next(one for one in SIZES if one >= len(part)))
            sql = rows_sql(binding, self.sight.readable, table, names, self.today.date())
            try:
                result = self._run(sql, given)
            except DataError as error:
                for key in part:
                    found[key][text] = Got(None, None, error.message)
                continue
            version = next((use.version for use in result.sources if use.table == binding.table), "")
            of: dict[Any, list[Mapping[str, Any]]] = {key: [] for key in part}
            for row in result.table.to_pylist():
                of[row[KEY]].append(row)
            for key, rows in of.items():
                values = [[row[f"v{at}"] for at in range(len(binding.rows.cells))] for row in rows]
                one = literal(key) if isinstance(key, str) else str(plain(key))
                source = Source(
                    "rows", binding.table, key=plain([row[ROW] for row in rows]), version=version,
                    query=rows_sql(binding, self.sight.readable, table, one, self.today.date()),
                    audit_id=result.audit_id,
                )  # fmt: skip
                found[key][text] = Got(values, source)

    def _told(self, binding: Binding, table: Table, keys: Sequence[Any], found: Found) -> None:
        """What is asked for each subject by itself."""
        for key in keys:
            try:
                found[key][binding.as_text()] = self._asked(binding, table, key, len(keys) == 1)
            except DataError as error:
                found[key][binding.as_text()] = Got(None, None, error.message)

    def _asked(self, binding: Binding, table: Table, key: Any, alone: bool) -> Got:
        if binding.way == "query":
            return queried(self.sight, binding, key, self.today)
        if not alone:
            return Got(None, None, "It has to be looked at one by one.")
        if binding.way == "ask":
            return answered(self.sight, self.asks, binding, table, key, self.today)
        return quoted_of(self.sight, self.passages, binding, table, key)

    def _features(self, binding: Binding, table: Table, keys: Sequence[Any], found: Found) -> None:
        view, _, name = binding.name.partition(".")
        text = binding.as_text()
        try:
            if self.features is None:
                raise NotFound("There are no features here.", "")
            entities = [{table.key or "": key} for key in keys]
            got = self.features().get(self.sight.principal, view, entities, (name,), self.today)
        except DataError as error:
            for key in keys:
                found[key][text] = Got(None, None, error.message)
            return
        for key, one in zip(keys, got, strict=True):
            value = one.values.get(name)
            source = Source("feature", key=plain(key), name=binding.name, version=self.today.isoformat())
            empty = Got(None, None, one.reason or "The feature has no value for this subject.")
            found[key][text] = empty if value is None else Got(_times(value, binding.factor), source)

    def _score(self, binding: Binding, table: Table, keys: Sequence[Any], found: Found) -> None:
        text = binding.as_text()
        for key in keys:
            try:
                if self.predictor is None:
                    raise NotFound("There are no models here.", "")
                [made] = self.predictor().score(self.sight.principal, binding.name, [{table.key or "": key}])
            except DataError as error:
                found[key][text] = Got(None, None, error.message)
                continue
            source = Source("score", key=plain(key), name=binding.name, version=str(made.version), query=made.id)
            found[key][text] = Got(made.prediction * binding.factor, source)


def _parts(keys: Sequence[Any], size: int = SIZES[-1]) -> list[Sequence[Any]]:
    return [keys[at : at + size] for at in range(0, len(keys), size)]


def _times(value: Any, factor: float) -> Any:
    if factor == 1.0 or isinstance(value, bool) or not hasattr(value, "__mul__"):
        return value
    return float(value) * factor
