"""Tables on the terminal: cells are data, never markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from app.cli.command import clean

if TYPE_CHECKING:
    from rich.table import Table

MOST_ROWS = 50


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None) -> Table:
    """A table whose numbers stand at the right; of many rows the first ones, and how many more there are."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    kept = [list(row) for row in rows]
    made = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for index, name in enumerate(columns):
        numeric = any(_is_number(row[index]) for row in kept)
        made.add_column(Text(clean(name)), justify="right" if numeric else "left", overflow="fold")
    for row in kept[:MOST_ROWS]:
        made.add_row(*(Text(_cell(value)) for value in row))
    if len(kept) > MOST_ROWS:
        made.caption = f"and {len(kept) - MOST_ROWS:,} more rows (--json gives all)"
    return made


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: Any) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.2f}" if abs(value) >= 0.01 or value == 0 else f"{value:.3g}"
    return clean(value)
