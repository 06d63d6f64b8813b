"""What is counted of one row of each thing: `keep only the newest subscription per user, then count by plan`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from agents import statement
from data.naming import single, words

_ADJ = (
    r"(?P<adj>newest|latest|most recent|last|first|oldest|earliest|largest|biggest|smallest|highest|lowest"
    r"|longest|shortest"
    r"|most expensive|cheapest)"
)
_ROW = r"(?:one|row|record|entry|version|line)"
_NOUN = r"(?P<noun>(?!(?:per|for|of|by|each)\b)[a-z][\w-]*(?: (?!(?:per|for|of|by|each|and|then)\b)[a-z][\w-]*)?)"
_KEY = r"(?P<key>[a-z]\w*)"
_BY = (
    r"(?:,? ?\(? ?(?:(?:determined |ordered |ranked |judged |as judged |going |measured |according )*(?:by|based"
    r" on|on|to|using"
    r"|in terms of) |highest |latest |max |largest )(?:the |its )?(?P<time>[a-z]+(?:_[a-z]+)*(?: (?:time|date"
    r"|day|timestamp))?)"
    r" ?\)?)?"
)
_PER = r"(?:per|for each|of each|for every|of every|by|in each|within each|from each)"
_THEN = (
    r"\s*(?:[.;:,]\s*(?:and )?(?:then )?|,? (?:and )?then |,? and (?=(?:count|give|show|report|sum|compute"
    r"|tell|group)))"
)
_KEEP = (
    r"(?:keep|take|use|consider|count|pick|look at|retain|leave|select|work with|start from|start with|filter"
    r" (?:down )?to"
    r"|reduce (?:it |them |the \w+ )?to)(?:ing|s)?"
)
_FORMS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?:^|(?<=[.;:,] ))(?:please |first,? |so |we |only |from the \w+ |of the \w+ )*{_KEEP} (?:only |just"
        rf" )?(?:the |a )?"
        rf"(?:single |one |very )?{_ADJ} (?:{_ROW}\b ?|{_NOUN} ){_PER} {_KEY}{_BY}{_THEN}",
        rf"(?:^|(?<=[.;:,] ))(?:please |first,? |so |we )*(?:for|per) (?:each |every )?{_KEY},? {_KEEP} (?:only "
        rf"|just )?(?:the |their |its )?"
        rf"{_ADJ} (?:{_ROW}\b|{_NOUN}){_BY}{_THEN}",
        rf"(?:^|(?<=[.;:,] ))(?:please |first,? |so |we )*(?:de-?dup\w*|deduplicate|collapse|reduce) (?:the"
        rf" )?{_NOUN} (?:by|on|per|to"
        rf" (?:one|a single) (?:{_ROW} )?(?:per|for each)|for each) {_KEY}[,;:(]* ?(?:and )?(?:{_KEEP}|where"
        rf"|with) (?:only |just )?(?:the )?"
        rf"{_ADJ}(?: {_ROW}\b| \w+)?(?: (?:counts|wins|is kept|stays))?{_BY}{_THEN}",
        rf"(?:^|(?<=[.;:,] ))(?:please |first,? |so |we )*(?:{_KEEP}|based on|out of|going by|only|by) (?:only "
        rf"|just )?(?:each|every|a) "
        rf"{_KEY}['’]s? {_ADJ} {_NOUN}{_BY}(?: counts)?{_THEN}",
    )
)  # fmt: skip
_MANY = re.compile(
    r"(?:^|(?<=[.;] ))(?:some|many|most|a few|several)? ?(?P<who>\w+) (?:may |can |might |could )?(?:have|has"
    r"|had|own|hold"
    r"|appear with|come with) (?:several|more than one|many|multiple|two or more) (?P<noun>\w+)(?: \w+)?[.;,]\s*",
    re.I,
)
_OF_IT = re.compile(
    r" (?:of|in|on|from) (?:it|that one|them|those|that (?:row|one|record)|the kept (?:ones|rows))(?=[.,;]|$)", re.I
)


@dataclass(frozen=True)
class Latest:
    """`kept` asks for the one row of each thing, `question` for what is wanted of those; `time` tells which is first,
    in the task's words."""

    kept: str
    question: str
    time: str = ""

    @classmethod
    def of(cls, text: str) -> Latest | None:
        """What is kept of each thing, None where all rows count."""
        found = next((match for form in _FORMS if (match := form.search(text))), None)
        if found is None:
            return None
        before, rest = text[: found.start()], text[found.end() :]
        many = _MANY.search(before)
        told = found.groupdict()
        noun = told.get("noun") or (many["noun"] if many else "")
        before = f"{before[: many.start()]}{before[many.end() :]}" if many else before
        if not noun or re.fullmatch(_ROW, noun, re.I):
            noun = before.strip(" .:;,").split()[-1] if before.strip(" .:;,") else ""
        rest = _OF_IT.sub("", rest).strip()
        if not noun or not rest or re.search(r"\b(?:again|before|previous)\b", rest, re.I):
            return None
        rest = re.sub(r"^counts?(?: them)? (?=by|per|for)", f"number of {noun} ", rest, flags=re.I)
        key = found["key"].removesuffix("_id")
        things = rf"(?:{re.escape(key)}s?|{re.escape(many['who']) if many else key})"
        rest = re.sub(rf"\b(count|number of|how many) (?:the )?{things}\b", rf"\1 {noun}", rest, flags=re.I)
        question = f"{before.strip()} {rest}".strip()
        return cls(f"The {found['adj']} {noun} of each {key}", question, (told.get("time") or "").strip())

    def applied(self, sql: str, kept: str) -> str | None:
        """The query over the rows that are kept; None where it is not over them alone."""
        tree, one = statement.query(sql), statement.query(kept)
        window = one.find(exp.Window)
        if not isinstance(one, exp.Select) or window is None or not isinstance(one.args["from_"].this, exp.Table):
            return None
        table, order = one.args["from_"].this, window.args["order"].expressions[0]
        own = [node for node in tree.find_all(exp.Table) if node.sql() == table.sql()]
        keys = [_own(key, one, table.name) for key in window.args["partition_by"]]
        where = [column for test in (one.args.get("where"),) if test for column in test.find_all(exp.Column)]
        foreign = [column for column in (*where, order.this) if column.table not in ("", table.name)]
        if len(own) != 1 or tree.args.get("qualify") or not self._ordered(order.this) or None in keys or foreign:
            return None
        inner = exp.select("*").from_(table.copy())
        for test in (one.args["where"].this if one.args.get("where") else None, *map(_told, keys)):
            inner = inner.where(_bare(test)) if test is not None else inner
        place = _bare(exp.Window(this=exp.RowNumber(), partition_by=keys, order=window.args["order"].copy()))
        inner.set("qualify", exp.Qualify(this=exp.EQ(this=place, expression=exp.Literal.number(1))))
        own[0].replace(exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(table.name))))
        return tree.sql(dialect=statement.DIALECT)

    def _ordered(self, column: exp.Expr) -> bool:
        """Whether the rows are in the order that the task names."""
        said = [single(word) for word in words(self.time)]
        if not said or set(said) & {"date", "time", "day", "timestamp", "recency"}:
            return True
        return all(any(word[:4] == own[:4] for own in words(column.name)) for word in said)


def _own(key: exp.Expr, tree: exp.Select, name: str) -> exp.Expr | None:
    """A key as the column of the rows themselves that points at it."""
    if not isinstance(key, exp.Column) or key.table in ("", name):
        return key.copy() if isinstance(key, exp.Column) else None
    sides = [join.args["on"] for join in tree.args.get("joins") or [] if isinstance(join.args.get("on"), exp.EQ)]
    ends = [(on.left, on.right) for on in sides] + [(on.right, on.left) for on in sides]
    return next((mine.copy() for mine, other in ends if other == key and mine.table == name), None)


def _told(key: exp.Expr | None) -> exp.Expr:
    return exp.Is(this=key.copy() if key else None, expression=exp.Null()).not_()


def _bare(node: exp.Expr) -> exp.Expr:
    """Its columns without the name of their table."""
    made = node.copy()
    for column in made.find_all(exp.Column):
        column.set("table", None)
    return made
