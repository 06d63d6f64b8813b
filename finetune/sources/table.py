"""Examples from tables: one governed SELECT under a principal's rights, at pinned versions, of rows that may be learnt.

The policy's row filters and masks hold as in any query: what the principal may not see is in no example. Consent is a
column of the result, and a row in which it is not true is left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from data.errors import Invalid
from finetune.recipe import NOT_NEEDED, Part, TableData
from finetune.registry import Read
from finetune.sources import Drawn, parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finetune.recipe import Recipe
    from finetune.workshop import Workshop


PLACE = re.compile(r"\{(\w+)\}")
"""Where a column's value stands in a text."""


def build(recipe: Recipe, shop: Workshop) -> Drawn:
    """Invalid names a missing text or column; the gateway's errors are raised as they are."""
    given = recipe.dataset.table
    if given is None:
        raise Invalid("The builder 'table' needs `dataset.table`.", "Write there `sql`, `consent` and `texts`.")
    wanted = parts(recipe)
    lacking = [part for part in wanted if part not in given.texts]
    if lacking:
        raise Invalid(f"dataset.table.texts has no {lacking[0]!r}.", f"An example has {', '.join(wanted)}.")
    principal = shop.gateway.policy.principal(given.principal) if given.principal else shop.principal
    with shop.gateway.stream(principal, given.sql, versions=given.versions) as stream:
        _check(given, stream.schema.names, wanted)
        made = [*_some(_examples(given, wanted, stream.batches), recipe.dataset.size)]
        if stream.failure:
            raise stream.failure
        return Drawn(
            made,
            tuple(_read(use, given, principal.name) for use in stream.sources),
        )


def _check(given: TableData, columns: list[str], wanted: tuple[Part, ...]) -> None:
    """Every column that is used is there."""
    if given.consent != NOT_NEEDED and given.consent not in columns:
        raise Invalid(
            f"The query has no column {given.consent!r}, which `consent` names.",
            f"Select it, or write `consent: {NOT_NEEDED}` if the rows are about nobody. It has {', '.join(columns)}.",
        )
    for part in wanted:
        unknown = [name for name in PLACE.findall(given.texts[part]) if name not in columns]
        if unknown:
            raise Invalid(
                f"dataset.table.texts.{part}: the query has no column {unknown[0]!r}.",
                f"Use {{column}} with one of {', '.join(columns)}.",
            )


def _examples(given: TableData, wanted: tuple[Part, ...], batches: Iterable[Any]) -> Iterator[dict[str, str]]:
    for batch in batches:
        for row in batch.to_pylist():
            if given.consent == NOT_NEEDED or row[given.consent] is True:
                yield {part: _text(given.texts[part], row) for part in wanted}


def _text(template: str, row: Mapping[str, Any]) -> str:
    return PLACE.sub(lambda place: "" if row[place[1]] is None else str(row[place[1]]), template)


def _some(made: Iterator[dict[str, str]], size: int) -> Iterator[dict[str, str]]:
    """The first so many with nothing empty that is learnt."""
    last = 0
    for example in made:
        if last == size:
            return
        if all(example[part].strip() for part in example if part != "system"):
            last += 1
            yield example


def _read(use: Any, given: TableData, principal: str) -> Read:
    source = {"table": use.table, "version": str(use.version), "sql": given.sql, "principal": principal}
    digest = hashlib.sha256(json.dumps(source).encode()).hexdigest()[:36]
    return Read(use.table, digest, source)
