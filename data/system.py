"""The built-in source `system`: what the lakehouse knows of itself, as governed tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data.catalog import Catalog, Column, SourceConfig, Table

NAME = "system"
"""Source and kind have this name; no declared source can take it."""
SIGNED = "lake/system/forms"
"""The folder of the Delta table behind `system.forms`, in the home."""
CALLED = "lake/system/model_usage"
"""The folder of the Delta table behind `system.model_usage`, in the home."""

AUDIT = {
    "seq": ("BIGINT", "The record's place in the trail, from 1."),
    "id": ("VARCHAR", "The record's identifier: the `audit_id` of a result."),
    "at": ("TIMESTAMP", "When it was recorded, in UTC."),
    "principal": ("VARCHAR", "Who did it."),
    "kind": ("VARCHAR", "What was done: query, question, training, form, code or admin."),
    "question": ("VARCHAR", "What a person asked in words; empty without a question."),
    "asked": ("VARCHAR", "The SQL as it was given, or the act's name."),
    "ran": ("VARCHAR", "The governed SQL that ran; empty when it was refused before."),
    "versions": ("VARCHAR", "JSON: table read -> version of its store."),
    "rows": ("BIGINT", "Rows that were given."),
    "bytes": ("BIGINT", "Bytes that were scanned in the stores; 0 where it is not known."),
    "ms": ("DOUBLE", "How long it took, in milliseconds."),
    "outcome": ("VARCHAR", "How it ended: answered, truncated, forbidden, invalid, unavailable, and so on."),
    "message": ("VARCHAR", "What the caller was told of a failure, or more about an act."),
    "engine": ("VARCHAR", "The engine that ran it; empty when none did."),
    "request": ("VARCHAR", "The identifier of the request that it was done for; empty outside the server."),
    "lineage": ("VARCHAR", "JSON: output column -> source columns; under the empty name those only read."),
    "hash": ("VARCHAR", "The record's hash in the chain."),
}
USAGE = {
    "principal": ("VARCHAR", "Who asked."),
    "day": ("DATE", "The day, in UTC."),
    "queries": ("BIGINT", "Queries, refused ones among them."),
    "refused": ("BIGINT", "Queries that were forbidden or too expensive."),
    "rows": ("BIGINT", "Rows that were given."),
    "bytes": ("BIGINT", "Bytes that were scanned in the stores."),
    "seconds": ("DOUBLE", "Time that the queries took."),
    "model_requests": ("BIGINT", "Requests to language models, failed and refused ones among them."),
    "input_tokens": ("BIGINT", "Tokens that the models read."),
    "output_tokens": ("BIGINT", "Tokens that the models wrote."),
    "model_seconds": ("DOUBLE", "Time that the models took."),
    "cost": ("DOUBLE", "What the models cost, by the prices in the settings."),
}
MODEL_USAGE = {
    "id": ("BIGINT", "The request's number."),
    "at": ("TIMESTAMP", "When it ended, in UTC."),
    "principal": ("VARCHAR", "Who asked."),
    "endpoint": ("VARCHAR", "The endpoint that was asked."),
    "model": ("VARCHAR", "The model behind the endpoint."),
    "outcome": ("VARCHAR", "How it ended: answered, shadow (only compared), unavailable, busy, and so on."),
    "input_tokens": ("BIGINT", "Tokens that the model read."),
    "output_tokens": ("BIGINT", "Tokens that the model wrote."),
    "estimated": ("BOOLEAN", "Whether the tokens are a guess from the text's length: the server told none."),
    "seconds": ("DOUBLE", "How long it took."),
    "cost": ("DOUBLE", "What it cost, by the prices in the settings."),
}
LINEAGE = {
    "audit_id": ("VARCHAR", "The query's record in `system.audit`."),
    "at": ("TIMESTAMP", "When it was recorded, in UTC."),
    "principal": ("VARCHAR", "Who asked."),
    "output_column": ("VARCHAR", "The column of the result; null for a column that only decides about rows."),
    "source_table": ("VARCHAR", "The table that was read, as `source.table`."),
    "source_column": ("VARCHAR", "The column that was read."),
}
FRESHNESS = {
    "source": ("VARCHAR", "The source."),
    "table_name": ("VARCHAR", "The table, as `source.table`."),
    "version": ("VARCHAR", "What its store is at now; null when it does not answer."),
    "changed_at": ("TIMESTAMP", "When its rows last changed, in UTC; null where the store can't tell."),
    "age_seconds": ("DOUBLE", "Seconds since then."),
    "reason": ("VARCHAR", "Why version or time is null; null when both are known."),
}
FORMS = {
    "filling_id": ("VARCHAR", "The filling: one form about one subject."),
    "form": ("VARCHAR", "The form's name."),
    "version": ("BIGINT", "The form's version."),
    "subject_table": ("VARCHAR", "The table of whom or what it is about, as `source.table`."),
    "subject_key": ("VARCHAR", "The key of that row."),
    "path": ("VARCHAR", "The field, as `section/name`."),
    "value": ("VARCHAR", "JSON: the value that was signed."),
    "way": ("VARCHAR", "How it was found: column, measure, feature, score, computed, constant or person."),
    "source_table": ("VARCHAR", "The table that it was read from."),
    "source_column": ("VARCHAR", "The column that it was read from."),
    "source_key": ("VARCHAR", "The key of the row that it was read from."),
    "source_version": ("VARCHAR", "What the table's store was at."),
    "query": ("VARCHAR", "The SQL of a measure."),
    "passage": ("VARCHAR", "The passage of a document."),
    "source_name": ("VARCHAR", "The feature, the model, the fields that it was made of, or the person."),
    "audit_id": ("VARCHAR", "The query's record in `system.audit`."),
    "confidence": ("DOUBLE", "How sure it was, from 0 to 1."),
    "changed_by": ("VARCHAR", "The person who changed it; empty for what was found."),
    "signer": ("VARCHAR", "Who signed."),
    "signed_at": ("TIMESTAMP", "When that was, in UTC."),
    "digest": ("VARCHAR", "SHA-256 of the document that was signed."),
}
DESCRIPTIONS = {
    "audit": "Every query, question, training run and administrative act, in the order of the trail.",
    "usage": "What each principal used on each day.",
    "model_usage": "Every request to a language model, with its tokens and cost.",
    "lineage": "Which source columns each result's columns came from. One row per pair.",
    "freshness": "How old the tables are that you may see, as of now.",
    "forms": "The values of signed forms, each with its source. One row per value.",
}
COLUMNS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "audit": AUDIT,
    "usage": USAGE,
    "model_usage": MODEL_USAGE,
    "lineage": LINEAGE,
    "freshness": FRESHNESS,
    "forms": FORMS,
}


@dataclass(frozen=True)
class SystemConfig(SourceConfig):
    """The built-in source, with the declared ones that it tells about."""

    others: tuple[SourceConfig, ...] = ()


def with_system(catalog: Catalog) -> Catalog:
    """The catalogue with the built-in source; it stands in no file."""
    if any(is_system(source) for source in catalog.sources):
        return catalog
    tables = tuple(_table(name, columns) for name, columns in COLUMNS.items())
    about = "What the lakehouse knows of itself."
    system = SystemConfig(NAME, NAME, "lake/system", "", about, tables, others=catalog.sources)
    return Catalog((*catalog.sources, system), catalog.relationships)


def without_system(catalog: Catalog) -> Catalog:
    """What people ask questions about: the catalogue without the built-in source."""
    return Catalog(tuple(source for source in catalog.sources if not is_system(source)), catalog.relationships)


def is_system(source: SourceConfig | Table) -> bool:
    """Whether this is the built-in source, or a table of it."""
    return (source.source if isinstance(source, Table) else source.kind) == NAME


def _table(name: str, columns: Mapping[str, tuple[str, str]]) -> Table:
    made = tuple(Column(column, kind, description) for column, (kind, description) in columns.items())
    key = "id" if name == "audit" else None
    time = next((moment for moment in ("at", "signed_at") if moment in columns), None)
    return Table(NAME, name, DESCRIPTIONS[name], columns=made, key=key, time=time)
