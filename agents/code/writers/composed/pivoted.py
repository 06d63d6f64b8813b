"""A pivot table that is told by its parts: `rows category, columns tap and chip, values the mean amount`."""

from __future__ import annotations

import re

_IS = r"(?: are| is|:| =)?"
_END = r"(?=[.;]|$)"
_PARTS = {
    "rows": rf"(?:the )?(?:rows?|index){_IS} (?P<rows>[^,;.:()]+?)",
    "columns": rf"(?:the )?columns?{_IS} (?P<columns>[^;.:()]+?)",
    "values": rf"(?:the )?(?:values?|cells?){_IS} (?P<values>[^,;.:()]+?)",
}
_BETWEEN = r"\s*(?:,|;| and)(?: and)?\s+"
_ORDERS = (("rows", "columns", "values"), ("rows", "values", "columns"), ("values", "rows", "columns"))
_FORMS = tuple(
    re.compile(
        rf"(?:^|(?<=[.;] ))[^.;:]*?\b(?:pivot(?: table)?|cross ?-?tab\w*|matrix)\b[^.;:]*?(?::|,|;| with| of)\s*"
        rf"{_BETWEEN.join(_PARTS[part] for part in order)}{_END}",
        re.I,
    )
    for order in _ORDERS
)
_LIST = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+")


def pivoted(text: str) -> str:
    """The text with such a table as numbers per group, and the columns that it is to have."""
    found = next((match for form in _FORMS if (match := form.search(text))), None)
    if found is None:
        return text
    rows, values = (
        re.sub(r"^(?:the|one per|each) ", "", found[part].strip(), flags=re.I) for part in ("rows", "values")
    )
    columns = [part for part in _LIST.split(found["columns"].strip()) if part]
    told = f"{values} per {rows}"
    if len(columns) == 1:
        bare = re.sub(r"^(?:the|one per|each) ", "", columns[0], flags=re.I)
        made = f"{told}, one column per {bare}"
    else:
        made = f"{told}. Columns: {rows.split()[-1]}, {', '.join(columns)}"
    return f"{text[: found.start()]}{made[:1].upper()}{made[1:]}{text[found.end() :]}"
