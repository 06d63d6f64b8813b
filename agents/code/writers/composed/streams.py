"""A stream's declaration for a task in words: the topic, the file and the lengths of time stand in the task, and what
is linked gives the table and its columns. No model writes here, so that nothing is made up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from agents.code.state import Draft, Task
from agents.columns import times
from agents.grammar.required import meant
from data.catalog import Catalog, Table
from data.naming import words

if TYPE_CHECKING:
    from agents.code.writers import Bench
    from retrieval import Context

_NAME = r"[`'\"]?(?P<name>[A-Za-z0-9._-]*[A-Za-z0-9_-])[`'\"]?"
_TOPICS = (re.compile(rf"\btopic (?:called |named )?{_NAME}", re.I), re.compile(rf"{_NAME} topic\b", re.I))
_SCHEMA = re.compile(r"(?P<path>[\w-]+(?:/[\w.-]+)*\.(?:json|avsc))\b")
_LENGTH = r"(?P<count>\d+|an?|one) ?(?P<unit>second|minute|hour|day)s?"
_LATE = re.compile(
    rf"\b(?:watermark (?:of )?|(?:up to |at most |as much as )?){_LENGTH}(?= late|[^.;]*\bwatermark|\b)", re.I
)
_WAITS = re.compile(r"\b(?:late|watermark|delay|out of order)", re.I)
_LATEST = re.compile(
    r"\b(?:upsert|update|replac|overwrit|newest|latest|last) ?\w*\b.*|\bkeep(?:ing)? (?:only )?(?:one|the) \w+ per\b.*",
    re.I,
)
_CHANGES = re.compile(r"\b(?:cdc|change data capture|debezium|deletes?|change events)\b", re.I)
_KEYED = re.compile(
    r"\b(?:key(?:ed)?(?: is| of)?|by(?: its| their)?(?: key)?|per|for each) [`'\"]?(?P<key>[a-z]\w*)", re.I
)
_PARTS = re.compile(r"\bpartition(?:ed)? by [`'\"]?(?P<column>\w+)", re.I)
_PLAIN = frozenset({"a", "the", "kafka", "this", "that", "from", "its", "each", "of"})


@dataclass(frozen=True)
class Declared:
    """What the words of a task say of a table's stream."""

    text: str
    table: Table

    def column(self, pattern: re.Pattern[str], group: str) -> str:
        """The column that a phrase names: itself, or the thing that it is the identifier of."""
        for found in pattern.finditer(self.text):
            said = words(found[group])
            for name in (column.name for column in self.table.columns):
                if words(name) in (said, [*said, "id"]):
                    return name
        return ""

    def mode(self) -> str:
        return "cdc" if _CHANGES.search(self.text) else "upsert" if _LATEST.search(self.text) else "append"

    def key(self) -> str:
        return self.column(_KEYED, "key") or self.table.key or ""

    def time(self) -> str:
        named = [column.name for column in times(self.table) if re.search(rf"\b{re.escape(column.name)}\b", self.text)]
        return next(iter((*named, self.table.time or "")), "")

    def watermark(self) -> str:
        found = _LATE.search(self.text) if _WAITS.search(self.text) else None
        if found is None:
            return ""
        count = "1" if not found["count"].isdigit() else found["count"]
        return f"{count} {found['unit'].lower()}{'' if count == '1' else 's'}"

    def yaml(self, topic: str, schema: str) -> str:
        mode, time, late = self.mode(), self.time(), self.watermark()
        made = {
            "name": re.sub(r"\W", "_", topic.rpartition(".")[2]), "topic": topic,
            "format": "avro" if re.search(r"\bavro\b|\.avsc\b", self.text, re.I) else "json", "schema": schema,
            "target": self.table.full_name, "mode": mode, "key": self.key() if mode != "append" else "",
            "partition_by": [part] if (part := self.column(_PARTS, "column")) else [],
            "time": time, "watermark": late if time else "",
        }  # fmt: skip
        return yaml.safe_dump({"streams": [{k: v for k, v in made.items() if v}]}, sort_keys=False)


def stream_draft(task: Task, bench: Bench) -> Draft:
    """The declaration; a question back for a topic, a table or a schema's file that the task does not name."""
    text = " ".join(task.text.split())
    context = bench.retriever.retrieve(bench.principal, text)
    topic, schema = _topic(text), _SCHEMA.search(text)
    tables = _targets(text.replace(topic, " ") if topic else text, text, context)
    if not topic:
        return _asked("From which topic? Write for instance: from topic square.payments.")
    if len(tables) != 1:
        able = [t.full_name for t in tables] or [t.full_name for t in _delta(context.catalog)]
        return _asked(f"Into which table? A stream can land in {', '.join(able[:12]) or 'none that you may see'}.")
    if schema is None and "registry" not in text.lower():
        return _asked("Which file has the schema of the events? Write for instance: schema schemas/payment.json.")
    declared = Declared(text, tables[0])
    if declared.mode() != "append" and not declared.key():
        return _asked(f"By which column are the rows of {tables[0].full_name} kept apart? Write for instance: key id.")
    return Draft(
        declared.yaml(topic, schema["path"] if schema else ""), None, f"{topic} lands in {tables[0].full_name}."
    )


def _topic(text: str) -> str:
    names = (found["name"] for pattern in _TOPICS for found in pattern.finditer(text))
    return next((name for name in names if name.lower() not in _PLAIN), "")


def _delta(catalog: Catalog) -> list[Table]:
    return [table for table in catalog.tables if catalog.source(table.source).kind == "delta"]


def _targets(text: str, whole: str, context: Context) -> list[Table]:
    """The Delta tables that are named in full; else those that are linked."""
    able = _delta(context.catalog)
    for said in (text, whole):
        if named := [table for table in able if re.search(rf"(?<![\w.]){re.escape(table.full_name)}(?![\w.])", said)]:
            return named
    linked = meant(context)
    return [table for table in able if table.full_name in linked]


def _asked(question: str) -> Draft:
    return Draft(reply="clarify", question=question)
