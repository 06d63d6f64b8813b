"""Keys that a store does not declare: unique columns with the name of one."""

from __future__ import annotations

from data.catalog import Table
from data.naming import Lexicon, known, single
from data.profile import ColumnProfile, TableProfile

ALIKE = {"TINYINT": "whole", "SMALLINT": "whole", "INTEGER": "whole", "BIGINT": "whole", "HUGEINT": "whole"}
ALIKE |= {f"U{name}": "whole" for name in tuple(ALIKE)} | {"VARCHAR": "text", "TEXT": "text", "UUID": "uuid"}
ALIKE |= {"DOUBLE": "number"}


def key(profile: TableProfile, lexicon: Lexicon) -> tuple[str | None, str]:
    """The column that identifies a row, with what speaks for it. None where no unique column is also named so."""
    unique = [found for found in profile.columns if found.unique and comparable(found)]
    if profile.sampled < 2:
        return None, ""
    named = [found for found in unique if _is_key_name(profile.table, found.column.name, lexicon)]
    first = [found for found in unique[:1] if found is profile.columns[0] and identifies(profile.table, found, lexicon)]
    scope = f"all {profile.sampled:,} rows" if profile.whole else f"{profile.sampled:,} sampled rows"
    if named or first:
        return (named or first)[0].column.name, f"key inferred: unique and never null in {scope}"
    names = ", ".join(found.column.name for found in unique[:5])
    return None, f"may be a key: {names} (unique in {scope})" if unique else ""


def identifies(table: Table, found: ColumnProfile, lexicon: Lexicon) -> bool:
    """Whether a column is named as an identifier of anything."""
    parts = lexicon.stem(table.name, found.column.name)
    return bool(set(parts) & known("identifiers") or set(parts[-1:]) & known("marks"))


def _is_key_name(table: Table, column: str, lexicon: Lexicon) -> bool:
    """Whether a column is called a table's identifier: by that word alone, or with the table's own name."""
    parts = lexicon.stem(table.name, column)
    core = [part for part in parts if part not in known("identifiers")]
    if len(core) == len(parts):
        return False
    owner, said = lexicon.written_out(lexicon.bare(table.name)), lexicon.written_out(core)
    return not core or {single(word) for word in said} <= {single(word) for word in owner}


def comparable(found: ColumnProfile) -> str | None:
    """Which columns may be compared with each other; None for one that is no key."""
    return ALIKE.get(found.column.type.upper())
