"""What is shown where a value is missing: `transfers that have no device under 'unknown'`, `replace missing notes with
'(none)'`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from agents import statement
from data.naming import single, words

_LABEL = r"['\"“‘](?P<label>[^'\"”’]{1,40})['\"”’]"
_LACK = (
    r"(?:(?:that |which |who )?(?:have|has|had|with|having) (?:no|an? (?:missing|empty|unknown))|without(?: an?| any)?"
    r"|lacking(?: an?)?|(?:not having|(?:that |which )?(?:do|does|did)(?: not|n['’]t) have) (?:an?|any))"
)
_NO = r"(?:missing|null|empty|absent|unset|unknown|blank)(?: or (?:missing|null|empty|blank))?"
_GOES = (
    r"(?:(?:should |must |shall |to |are |is |be |being |get |gets |have to |has to )*(?:shown|show|put"
    r"|count(?:s|ed)?|listed"
    r"|appear(?:s|ing)?|reported|report|grouped|labell?ed|label|go(?:es)?|come|comes|belong|filed|called|treated|read|replaced"
    r"|becomes?|land|set|filled(?: in)?|collected|tallied)?(?: (?:up|in|there))?)"
)
_WHAT = r"(?P<what>[a-z][\w' ]{1,40}?)"
_FORMS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?:^|[,;.(]\s*)(?:and |but |with |put |show |count |list |report |label |group |collect |the |all "
        rf"|any )*(?:\w+ ){{0,3}}?"
        rf"{_LACK} {_WHAT} {_GOES} ?(?:under|as|in|into|by|with|to|=)(?: an?| the| group| bucket| label|"
        rf" row)*(?: called"
        rf"| named)? {_LABEL}(?: (?:group|bucket|row|label))?\)?",
        rf"(?:^|[,;.(]\s*)(?:and |but |please |we |first )*(?:replac|fill|treat|show|count|label|report|list|put"
        rf"|read|set|cod|render"
        rf"|display|map|turn|coalesc|group)\w*(?: in)? (?:the |any |all )?{_NO} {_WHAT}(?: values?)?(?: (?:on|of"
        rf"|in) (?:the )?\w+)?"
        rf" (?:with|by|as|under|to|into|=) (?:the (?:text|label|string|value) )?{_LABEL}(?:\s*(?:,? and then|,"
        rf" then|,? and|[,;:])"
        r"(?= \w))?\)?",
        rf"(?:^|[,;.(]\s*)(?:and |but |with |the |a |an |any |where )*{_NO} {_WHAT}(?: values?)?(?: (?:on|of|in)"
        rf" (?:the )?\w+)? ?"
        rf"{_GOES} ?(?:as|under|with|by|to|into|in|=|->|→|:) ?(?:the )?{_LABEL}\)?",
        rf"(?:^|[,;.(]\s*)(?:and |but |with |the |use |using |write |show |put |give )*{_LABEL} (?:for|if|when"
        rf"|where|in case|instead"
        rf" of|stands for|means|in place of)(?: the| an?| of| there| is| are| it| they| has| have| those| ones|"
        rf" \w+s)* (?:(?:no|without|{_NO}) "
        rf"{_WHAT}(?: values?)?|{_WHAT.replace('what', 'what2')} (?:is|are|was) {_NO})(?=[,;.)]|$)\)?",
        rf"(?:^|[,;.(]\s*)(?:and |but |the |if |when |where |any )*{_WHAT} (?:is |are |being |that is |that are"
        rf" )?{_NO} ?(?:,? then )?(?:is |are "
        rf"|show |shown |use |put |write |as |to be |should be |->|=|becomes? |counts? |,)* ?(?:as |under"
        rf" )?{_LABEL}\)?",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    """`question` is the task without it; `what` are the words for what may be missing."""

    question: str
    what: str
    label: str

    @classmethod
    def of(cls, text: str) -> Labelled | None:
        """The label, where the task has just one for what is missing."""
        for form in _FORMS:
            found = form.search(text)
            if found is None:
                continue
            what = found["what"] or found.groupdict().get("what2") or ""
            rest = text[found.end() :].lstrip(" ,;:")
            before = text[: found.start()].rstrip(" ,;:(")
            cut = " " if not before or not rest or rest[0] in ".;" else ". " if text[found.start()] in ".;" else ", "
            question = f"{before}{cut}{rest}".strip()
            if _LABELS.search(question) or not question:
                return None
            return cls(question, what, found["label"])
        return None

    def applied(self, sql: str) -> str | None:
        """The query with the label where the column is missing that rows are put together by; None where it is not told
        which."""
        tree = statement.query(sql)
        if not isinstance(tree, exp.Select) or tree.args.get("qualify"):
            return None
        group = tree.args.get("group")
        keys = [key for key in group.expressions if isinstance(key, exp.Column)] if group else []
        own = [key for key in keys if self._is(key)]
        if len(own) != 1:
            return None
        key = own[0].copy()
        where = tree.args.get("where")
        joins = tree.args.get("joins") or []
        base = tree.args["from_"].this.alias_or_name
        if where and any(c.name == key.name or (joins and c.table != base) for c in where.find_all(exp.Column)):
            return None
        if any(not isinstance(join.args.get("on"), exp.EQ) for join in joins):
            return None
        for join in joins if key.table != base else []:
            join.set("side", "LEFT")
        shown = exp.func("coalesce", key, exp.Literal.string(self.label))
        for column in list(tree.find_all(exp.Column)):
            if column == key and not column.find_ancestor(exp.Join, exp.AggFunc):
                column.replace(shown.copy())
        return tree.sql(dialect=statement.DIALECT)

    def _is(self, key: exp.Column) -> bool:
        """Whether the words name a column, or the thing that it is of."""
        said = {single(word) for word in words(self.what)} - {"value", "the", "a", "any"}
        named = {single(word) for word in (*words(key.name), *words(key.table))}
        return bool(said & named)


_LABELS = re.compile(rf"\b(?:missing|null|unknown|{_LACK})\b[^.;]*['\"“‘]", re.I)
