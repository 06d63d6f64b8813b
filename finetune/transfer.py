"""Questions over a world as its file stores it, asked over any other way to store it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NoReturn

from agents.columns import TEXT
from agents.grammar import OTHERWISE, quote
from agents.paths import Join, Path, alias_for, paths
from data.catalog import Catalog, Relationship, Table
from finetune.families import Drawn
from finetune.ground import Ground
from finetune.worded import Worded
from finetune.worlds import world
from finetune.worlds.assembly import Sources

FAMILY = "worded"
TYPED = 0.25
"""The share of the questions that lose their capitals and their question mark."""
_CLAUSE = re.compile(r'FROM [\w."]+(?: JOIN [\w."]+(?: AS [\w"]+)? ON [\w."]+ = [\w."]+)* SELECT ')
_TOKEN = re.compile(r"""'(?:[^']|'')*'|(?:\w+|"[^"]+")(?:\.(?:\w+|"[^"]+"))?|.""", re.DOTALL)
_NAME = re.compile(r'(?:[A-Za-z_]\w*|"[^"]+")(?:\.(?:\w+|"[^"]+"))?')


class Unstored(Exception):
    """A way to store a world lacks what a question is about."""


@dataclass
class _Part:
    """A clause with what follows it: the path there and here, and where it ends."""

    end: int
    old: Path
    new: Path
    aliases: dict[str, str]


@dataclass(frozen=True)
class Transfer:
    """Turns SQL over a world as its file stores it into SQL over a ground of the same world. `sources` tell what the
    ground's tables are made of."""

    plain: Catalog
    ground: Ground
    sources: Sources

    @classmethod
    def of(cls, name: str, ground: Ground, sources: Sources) -> Transfer:
        return cls(_plain(name), ground, sources)

    def drawn(self, asked: Worded, rng: random.Random) -> Drawn | None:
        """One of the wordings with its SQL here; None where it can't be asked here."""
        question = rng.choice(asked.questions)
        if asked.sql in OTHERWISE:
            return Drawn(_typed(question, rng), asked.sql, f"unsure_{FAMILY}", {})
        try:
            sql, others = self.sql(asked.sql, rng)
        except Unstored:
            return None
        for old, new in others.items():
            found = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)", re.IGNORECASE)
            if not found.search(question):
                return None
            question = found.sub(new.replace("\\", r"\\"), question)
        return Drawn(_typed(question, rng), sql, FAMILY, {})

    def sql(self, sql: str, rng: random.Random) -> tuple[str, dict[str, str]]:
        """The SQL in the names of here, and the values that were exchanged for others, as those of there are none of
        here. Raises Unstored."""
        reading = _Reading(self, sql, rng)
        return reading.text(), reading.others

    def path(self, old: Path) -> tuple[Path, dict[str, str]]:
        """The same path here, and its aliases by those of there."""
        aliases = {old.base.name: self.table(old.base).name}
        scope, joins = {aliases[old.base.name]: self.table(old.base)}, []
        for join in old.joins:
            child = scope[aliases[join.child]]
            column = self.column(old.scope[join.child], join.column)
            link = self._link(child, column)
            parent = self.ground.catalog.table(link.to_table)
            alias = alias_for(link, self.ground.catalog)
            joins.append(Join(aliases[join.child], column, alias, parent, link.to_column))
            aliases[join.alias], scope[alias] = alias, parent
        return Path(scope[aliases[old.base.name]], tuple(joins)), aliases

    def table(self, old: Table) -> Table:
        return self.ground.catalog.table(self._tables[old.name]) if old.name in self._tables else _lacks(old.name)

    def column(self, table: Table, name: str) -> str:
        """What a column of there is called here."""
        known = self.table(table)
        here = self.sources[known.name][1]
        found = [column for column, source in here.items() if source == name and column in known]
        return found[0] if len(found) == 1 else _lacks(name)

    @cached_property
    def _tables(self) -> Mapping[str, str]:
        made = {source: name for name, (source, _) in self.sources.items()}
        full = {table.name: table.full_name for table in self.ground.catalog.tables}
        return {source: full[name] for source, name in made.items() if name in full}

    def _link(self, child: Table, column: str) -> Relationship:
        for link in self.ground.catalog.relationships:
            if (link.table, link.column) == (child.full_name, column):
                return link
        return _lacks(column)


@dataclass
class _Reading:
    """One SQL text on its way."""

    transfer: Transfer
    sql: str
    rng: random.Random
    others: dict[str, str] = field(default_factory=dict)
    _parts: list[_Part] = field(default_factory=list)
    _last: tuple[Table, str] | None = None

    def text(self) -> str:
        written, at = [], 0
        while at < len(self.sql):
            self._parts = [part for part in self._parts if at < part.end]
            if clause := _CLAUSE.match(self.sql, at):
                written.append(self._clause(clause))
                at = clause.end()
                continue
            token = _TOKEN.match(self.sql, at)
            assert token is not None
            at = token.end()
            written.append(self._token(token.group(), at))
        return "".join(written)

    def _clause(self, clause: re.Match[str]) -> str:
        text = clause.group().removesuffix(" SELECT ")
        old = next((path for path in paths(self.transfer.plain) if path.clause == text), None)
        if old is None:
            return _lacks(text)
        new, aliases = self.transfer.path(old)
        self._parts.append(_Part(self._end(clause.start()), old, new, aliases))
        return f"{new.clause} SELECT "

    def _end(self, start: int) -> int:
        """Where the parenthesis that a clause stands in is closed."""
        depth = 0
        for token in _TOKEN.finditer(self.sql, start):
            depth += {"(": 1, ")": -1}.get(token.group(), 0)
            if depth < 0:
                return token.start()
        return len(self.sql)

    def _token(self, token: str, end: int) -> str:
        if token.startswith("'"):
            return self._value(token)
        if not self._parts or not _NAME.fullmatch(token) or self.sql[end : end + 1] == "(":
            return token
        part = self._parts[-1]
        alias, _, name = token.replace('"', "").rpartition(".")
        if alias and alias not in part.aliases:
            return _lacks(token)
        table = part.old.scope[alias or part.old.base.name]
        if name not in table or (part.old.joins and not alias):
            return token if not alias else _lacks(token)
        column = self.transfer.column(table, name)
        here = part.aliases[alias or part.old.base.name]
        self._last = (part.new.scope[here], column)
        return part.new.column(here, column)

    def _value(self, token: str) -> str:
        """A text as it stands in the column here, or one that does."""
        if self._last is None or "%" in token:
            return token
        table, column = self._last
        kind = next(c.type for c in table.columns if c.name == column)
        if not kind.startswith(TEXT):
            return token
        text = token[1:-1].replace("''", "'")
        known: Sequence[str] = self.transfer.ground.values.get(table.full_name, {}).get(column, ())
        same = [value for value in known if value.casefold() == text.casefold()]
        if same:
            return quote(text if text in same else same[0])
        if not known:
            return _lacks(text)
        self.others[text] = self.others.get(text) or self.rng.choice(known)
        return quote(self.others[text])


def _lacks(what: str) -> NoReturn:
    raise Unstored(what)


@lru_cache(maxsize=64)
def _plain(name: str) -> Catalog:
    return world(name, 0).catalog


def _typed(question: str, rng: random.Random) -> str:
    """As it is typed in a hurry, at times."""
    return question.lower().rstrip("?. ") if rng.random() < TYPED else question


def tables_of(sql: str) -> Iterator[str]:
    """The full names of the tables of a query."""
    return (name for clause in _CLAUSE.findall(sql) for name in re.findall(r'(?:FROM|JOIN) ([\w."]+)', clause))
