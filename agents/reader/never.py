"""Things none of whose rows have come to something: `merchants that never accepted any`, `with zero acceptances`."""

from __future__ import annotations

import re

from agents.reader.frame import Among, Frame, Test
from agents.reader.marked import MARK, Marked, cut, table_of

_NEVER = re.compile(
    r"(?:(?:that|which|who|and|but|with|have|has|had|having|where|of which) )*"
    r"(?:never (?:yet )?(?P<a><w\d+>) (?:any|one|a single one|anything|(?:any|a single) of them)"
    r"|(?:zero|not a single|without a single|not one) (?P<b><w\d+>)|none (?:was|were|has been|have been|of"
    r" them) (?P<c><w\d+>))"
    r"(?= ?[,.;:)]|$| and\b)"
)


def never(text: str, frame: Frame, marked: Marked) -> str:
    """The things that are named before, of whose rows none has a moment."""
    while found := _NEVER.search(text):
        when = marked.hint(found["a"] or found["b"] or found["c"]).targets
        rows = when[0].rpartition(".")[0]
        named = [table_of(marked.hint(m.group())) for m in MARK.finditer(text[: found.start()]) if m[1] == "t"]
        things = [name for name in reversed(named) if marked.link(rows, name)]
        if not things or len(when) > 1 or when[0] == f"{rows}.{marked.table(rows).time}":
            return text
        among = Among(rows, False, (Test(when, " IS NOT NULL"),))
        frame.among += [] if among in frame.among else [among]
        text = cut(text, found)
    return text
