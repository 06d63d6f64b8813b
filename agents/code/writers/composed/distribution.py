"""How many things have how many: `distribution of the number of cards per user`, `group listeners by how many platforms
they used and count them`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from agents import statement
from agents.code.render.naming import identifier
from data.naming import single, words

_MANY = r"(?:how many|(?:the |their )?(?:number|count) of)"
_PER = r"(?:per|by|for each|for every|of each|over|across|each)"
_ACTS = r"(?:have|has|had|own|owns|hold|holds|made|make|sent|use|used|played|got|received|listened|paid|bought)"
_FORMS = tuple(
    re.compile(text, re.I)
    for text in (
        rf"^(?:group|bucket|classify|split|sort|class) (?:the |all )?(?P<who>[\w -]+?) by {_MANY} (?P<what>[\w -]+?)"
        rf"(?: (?:that )?(?:they|each|he|it|every one)(?: of them)?(?: (?:have|has))? {_ACTS}[\w ]*?)?"
        r",? (?:and|then) (?:count|give|show|tell|report|how many)[^,.;]*$",
        rf"^(?:give |show |get |find |list )?(?:me )?(?:the |an? )?(?:frequency )?(?:distribution|histogram) of "
        rf"(?:{_MANY} )?(?P<what>[\w -]+?) {_PER} (?P<who>[\w ]+?)[.:]?$",
        rf"^(?P<what>[\w -]+?) {_PER} (?P<who>[\w -]+?)(?:,| as a| -|:)+ ?(?:the )?(?:frequency )?(?:distribution"
        rf"|histogram)[.:]?$",
        rf"^how many (?P<who>[\w -]+?) {_ACTS} (?:exactly )?(?:one|1|two|2)(?:(?: ?,|,? and|,? or) (?:exactly"
        rf" )?(?:two|2|three|3|four"
        r"|4|so on|more|etc))+ (?P<what>[\w -]+?)\??$",
    )
)  # fmt: skip


_NONE = re.compile(
    r",?\s*(?:\(|and )?(?:also )?(?:includ\w+|counting|with) (?:the |also |all )*(?:\w+ )?(?:that have |who have"
    r" |with(?:out)? |of )?"
    r"(?:none|no \w+|zero(?: \w+)?|any \w+|0)(?: at all)?\)?(?=\s*[:;,.]|$)",
    re.I,
)
_LISTED = re.compile(
    r"\s*[:.;-] ?(?:columns? )?(?:number of |the )?(?P<a>[a-z]\w*(?:_\w+)*)(?: \([^()]*\))?,? (?:and )?(?:number"
    r" of |the )?(?P<b>[a-z]\w*)"
    r"(?:[,.;] ?(?:sorted|ordered) by (?:number of )?\w+)?[.;]?$",
    re.I,
)


@dataclass(frozen=True)
class Distribution:
    """`question` asks for the number of each thing."""

    question: str

    @classmethod
    def of(cls, question: str) -> Distribution | None:
        """What is to be counted of what, None where no distribution is asked for."""
        text = " ".join(question.split()).strip(" .")
        text, none = _NONE.subn("", text)
        if listed := _LISTED.search(text):
            text = text[: listed.start()] if _same(listed, text) else text
        found = next((match for form in _FORMS if (match := form.search(text))), None)
        if found is None:
            return None
        what, who = found["what"].strip(), found["who"].strip()
        zero = f", including {who} without any {what}" if none else ""
        return cls(f"Number of {what} per {who}{zero}")


def _same(listed: re.Match[str], text: str) -> bool:
    """Whether the columns that are listed are those of a distribution: how many each has, and how many have it."""
    before = {single(word) for word in words(text[: listed.start()])}
    return all(single(words(listed[end])[-1]) in before for end in ("a", "b"))


def spread(sql: str) -> str | None:
    """How many rows of a query have each of its numbers; None where it has not one number of some things."""
    tree = statement.query(sql)
    if not isinstance(tree, exp.Select) or not tree.args.get("group") or tree.args.get("qualify"):
        return None
    numbers = [item for item in tree.selects if item.find(exp.AggFunc)]
    if len(numbers) != 1 or tree.args.get("limit") or not isinstance(numbers[0].unalias(), exp.Count):
        return None
    count = numbers[0].unalias()
    inner = tree.copy()
    column = count.find(exp.Column)
    name = identifier(column.name.removesuffix("_id")) if column is not None else "rows_each"
    inner.set("expressions", [exp.alias_(count.copy(), f"{name}_count" if column is not None else name)])
    inner.set("order", None)
    shown = inner.selects[0].alias
    return f"SELECT {shown}, count(*) FROM ({inner.sql(dialect=statement.DIALECT)}) GROUP BY {shown} ORDER BY {shown}"
