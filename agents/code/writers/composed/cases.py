"""Labels that a task gives rows by a condition: `label every merchant 'new' if it signed up in 2025 and 'old'
otherwise, then count merchants per label`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from agents import statement

_LABEL = r"['\"“‘](?P<{}>[^'\"”’]{{1,40}})['\"”’]"
_VERB = (
    r"(?:(?:label|flag|mark|classify|call|tag|name|split|divide|group|sort|put|separate|break|categori[sz]e|bucket|assign)"
    r"(?:s|l?ed)?)"
)
_WHAT = r"(?:(?:each|every|all|the|our) )*(?P<what>[a-z][\w -]{2,40}?)"
_IF = r"(?:if|when|where|for those (?:that|who|with)|whenever|:|means|=|being|for)"
_ELSE = (
    r"(?:otherwise|else|if not|for (?:all |the )?(?:others?|rest|remaining)(?: ones)?|in all other cases|for everything"
    r" else|\((?:the )?rest\))"
)
_FORMS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"^(?:please |first,? )?{_VERB} {_WHAT} (?:(?:as|to be|into|in) )?{_LABEL.format('a')} {_IF}"
        rf" (?P<cond>[^'\"“”]+?),? ?(?:and |or |, )?"
        rf"(?:{_LABEL.format('b')},? ?{_ELSE}|{_ELSE},? ?(?:as )?{_LABEL.format('b2')})\)?(?P<rest>.*)$",
        rf"^(?:please |first,? )?{_VERB} {_WHAT} (?:up )?(?:into|in|as|between) (?:two groups:?"
        rf" )?{_LABEL.format('a')} ?\((?P<cond>[^()]+)\) ?(?:,|and|vs\.?|versus|or)+ "
        rf"{_LABEL.format('b')}(?: ?\((?:the )?(?:rest|others?|everything else|all others?|otherwise|all the"
        rf" rest|remaining)\))?(?P<rest>.*)$",
        rf"^(?:please |first,? )?{_VERB} {_WHAT} (?:up )?(?:into|in|as|between) (?:two groups:?"
        rf" )?{_LABEL.format('b')} ?(?:,|and|vs\.?|versus|or)+ "
        rf"{_LABEL.format('a')} ?\((?P<cond>[^()]+)\)(?P<rest>.*)$",
    )
)  # fmt: skip
_GROUP = r"(?:label|group|flag|class|category|segment|type|bucket|half|side|of them|of these|of those|of the two|one)s?"
_EACH = re.compile(
    rf"\b(?:(?:for|in|of) both(?: {_GROUP})?|(?:per|by|for each|for every|in each|each|of each) (?:such |of the"
    rf" two )?{_GROUP})\b(?P<and> and (?:per |by )?(?=\w))?[,:]?"
    rf"|(?P<by> and (?:per |by )?{_GROUP}\b)",
    re.I,
)


@dataclass(frozen=True)
class Cases:
    """`question` asks for the numbers without the labels; `told` lists the rows that have the first, `all` those that
    have either."""

    question: str
    told: str
    all: str
    labels: tuple[str, str]

    @classmethod
    def of(cls, text: str) -> Cases | None:
        """The labels of a task; None where it gives none, or does not put rows together by them."""
        found = next((match for form in _FORMS if (match := form.search(text))), None)
        if found is None:
            return None
        parts = found.groupdict()
        what, cond = parts["what"].strip(), parts["cond"].strip(" ,.")
        rest = re.sub(r"^[\s,.;:]*(?:and )?(?:then )?", "", parts["rest"]).strip()
        asked, many = _EACH.subn(lambda match: " per " if match["and"] else " ", rest)
        if not rest or not many or (re.search(rf"\b{_GROUP}\b", asked, re.I) and "label" in asked):
            return None
        asked = re.sub(r"\b(?:count|number of) (?:them|those|these)\b", f"number of {what}", asked, flags=re.I)
        asked = " ".join(asked.split()).strip(" ,.;:")
        if not re.search(rf"\b{re.escape(what.split()[-1])}", asked, re.I):
            asked = f"{what}: {asked}" if asked else f"number of {what}"
        plural = what if what.endswith("s") else f"{what}s"
        thing = re.escape(what.split()[-1].rstrip("s"))
        told = re.sub(rf"^(?:it|they|he|she|(?:the |an? )?{thing}s?) (?=\w)", "that ", cond, flags=re.I)
        told = (
            told
            if told != cond
            else cond
            if re.match(r"(?:with|without|in|from|of|that|which|who|having)\b", cond)
            else f"where {cond}"
        )
        labels = (parts.get("a") or "", parts.get("b") or parts.get("b2") or "")
        return cls(asked[:1].upper() + asked[1:], f"List {plural} {told}", f"List {plural}", labels)

    def applied(self, sql: str, told: str, every: str) -> str | None:
        """The query with the label beside its numbers; None where the condition is not of the query's own rows."""
        tree, some, base = statement.query(sql), statement.query(told), statement.query(every)
        if not all(isinstance(one, exp.Select) for one in (tree, some, base)) or _unlike((tree, some, base)):
            return None
        common = [test.sql() for test in _tests(base)]
        tests = [test for test in _tests(some) if test.sql() not in common]
        if not tests or not any(item.find(exp.AggFunc) for item in tree.selects):
            return None
        several = bool(tree.args.get("joins"))
        name = tree.args["from_"].this.alias_or_name
        for column in (column for test in tests for column in test.find_all(exp.Column)):
            if column.find_ancestor(exp.Subquery, exp.In) is None or not column.table:
                column.set("table", exp.to_identifier(name) if several else None)
        condition = exp.and_(*tests)
        case = exp.Case().when(condition, exp.Literal.string(self.labels[0])).else_(exp.Literal.string(self.labels[1]))
        tree.set("expressions", [case, *tree.selects])
        group = tree.args.get("group")
        tree.set("group", exp.Group(expressions=[case.copy(), *(group.expressions if group else [])]))
        return tree.sql(dialect=statement.DIALECT)


def _tests(tree: exp.Expr) -> list[exp.Expr]:
    where = tree.args.get("where")
    return (
        list(where.this.copy().flatten())
        if where and isinstance(where.this, exp.And)
        else [where.this.copy()]
        if where
        else []
    )


def _unlike(trees: Sequence[exp.Expr]) -> bool:
    """Whether queries are over different rows, or the conditions need another table."""
    tables = {tree.args["from_"].this.sql() for tree in trees}
    joined = any(tree.args.get("joins") for tree in trees[1:])
    return (
        len(tables) > 1
        or joined
        or any(tree.args.get(part) for tree in trees for part in ("qualify", "limit", "having"))
    )
