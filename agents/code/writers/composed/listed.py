"""The columns that a task lists: their names, and what it says of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from data.naming import single, words

MOST_WORDS = 6
"""Words that a column is named by; a longer stretch is a sentence."""
_LEAD = (
    r"(?:please |then |and |just |only )*(?:(?:return|output|give|show|keep|include|display|list|report|deliver|select"
    r"|produce|need|send|want|use|expose)(?:s|ing|ed)?(?: me| us| back)?(?: only| just)?|(?:i|we)(?:['’]d)?"
    r" (?:want|need|would like|like)"
    r"|columns?(?: are| should be| wanted| needed| in the output)?|fields|outputs?|result|with(?: the)?(?: columns?)?)"
    r"(?: (?:the )?(?:columns?|fields))?"
)
_SENTENCE = re.compile(rf"^(?:{_LEAD})\s*[:=]?\s+(?P<items>.+)$", re.I)
_DANGLING = re.compile(rf"(?:^|(?<=[.;?!]))\s*(?:{_LEAD})\s*:\s*$", re.I)
"""What leads a list, where the list is taken out behind it."""
_BEHIND = re.compile(rf"(?:^|,| and| -|:|\s)\s*(?:{_LEAD})\s*:?\s+(?P<items>\S.*)$", re.I)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(?P<item>\S.*?)\s*$")
_CUT = re.compile(r"(?<=[.;?!])\s+|\s*(?:->|=>|→)\s*|(?<=:)\s+|\s+(?:-|–|—)\s+")
_HELD = re.compile(r"§(\d+)§")
_BETWEEN = re.compile(r"\s*,\s*(?:and\s+|plus\s+)?|\s+(?:and|plus)\s+|\s*;\s*")
_ARTICLE = re.compile(r"^(?:the|its|their|an?|his|her|that|each|also|both)\s+", re.I)
_REMARK = re.compile(
    r"(?:,|\s|^)*\b(?:(?:no|without) duplicates?|(?:each|every) \w+ (?:only )?once|once (?:per|for each) \w+"
    r"|one (?:row|line) (?:per|for each) \w+|in (?:that|this) order|(?:in|as) (?:separate|their own) columns"
    r"|nothing else|please|thanks?|thank you|ranked"
    r"|only|if any|distinct(?= *$)|in that order)\s*$",
    re.I,
)
_NOT_NAMES = re.compile(
    r"\b(?:per|by|but|where|whose|sorted|ordered|than|ignore|leave|if|when|who|which|that|must|should|is|are|was|were"
    r"|not|no|none|without|regardless|those|first|any|least|whatever|over|use|using|them|it|they|those|never|has|have|had|keep|skip|between|versus|round|don|so|as|from|because)\b|[<>?]",
    re.I,
)
_DEFINED = re.compile(
    r"(?:,\s*|\s+)(?:where|with|and)\s+(?P<name>\w+)\s+(?:is|=|means|being|as)\s+(?P<said>[^.;]+)$", re.I
)
_NAME = re.compile(r"[a-z]\w*(?:_\w+)+", re.I)
_PUSHED = re.compile(
    r"\s+for (?:the|each|every|all)\b.*$"
    r"|\s+of (?:its|their|his|her|the|each \w+['’]s|that \w+['’]s)(?: very| single)? (?:new|old|lat|earli|larg"
    r"|bigg|small|long"
    r"|short|high|low)(?:est)\b.*$|\s+of (?:its|their|his|her|the) (?:last|first|most recent|most expensive"
    r"|cheapest)\b.*$",
    re.I,
)


@dataclass(frozen=True)
class Item:
    """A column that is wanted: its name, and what the task says that it is, "" for no more than its name."""

    name: str
    said: str = ""
    digits: int = -1
    """Decimals that it is rounded to; -1 for all that there are."""
    numbered: bool = False
    """Whether it is the number of a quarter or month in its year."""


@dataclass(frozen=True)
class Listed:
    """`text` is the task without its list."""

    text: str
    items: tuple[Item, ...] = ()

    @classmethod
    def of(cls, text: str) -> Listed:
        """The columns that a text lists: one a line, in a sentence of their own, at the end of one, or in brackets."""
        if items := list(_bullets(text)):
            rest = [line for line in text.splitlines() if not _BULLET.match(line)]
            return cls(" ".join(" ".join(rest).split()), tuple(items))
        held: list[str] = []
        masked = re.sub(r"\(([^()]*)\)", lambda found: _hold(found[1], held), " ".join(text.split()))
        return next((_shown(made, held) for made in _ways(masked, held)), cls(" ".join(text.split())))


def _bullets(text: str) -> Iterator[Item]:
    found = [match["item"] for line in text.splitlines() if (match := _BULLET.match(line))]
    if len(found) < 2:
        return
    for said in found:
        name, _, rest = (
            part.strip() for part in re.sub(r"^(.*?)\s*(?::|=|\s-\s)\s*", r"\1|", said, count=1).partition("|")
        )
        if match := re.fullmatch(r"(?P<name>[^()]+?)\s*\((?P<said>[^()]+)\)", name):
            name, rest = match["name"], match["said"]
        digits = -1
        if rounded := _ROUNDED.search(rest):
            digits, rest = _decimals(rounded["n"] or rounded["n2"]), _ROUNDED.sub("", rest).strip(" ,;")
        yield Item(_ARTICLE.sub("", name), rest.rstrip(".,;"), digits)


def _hold(said: str, held: list[str]) -> str:
    held.append(said)
    return f"§{len(held) - 1}§"


def _shown(made: Listed, held: list[str]) -> Listed:
    text = _HELD.sub(lambda found: f"({held[int(found[1])]})", made.text)
    return replace(made, text=re.sub(r"\s+([,.;?!])", r"\1", " ".join(text.split())))


def _ways(text: str, held: list[str]) -> Iterator[Listed]:
    """The ways to take a list out of a text in which brackets are held apart, the surest first."""
    ends = [0, *(found.end() for found in _CUT.finditer(text)), len(text)]
    pieces = [(start, end) for start, end in pairwise(ends) if text[start:end].strip()]
    for found in re.finditer(r"(?:,? in (?:\w+ )?(?:separate )?columns)? §(?P<at>\d+)§[.;!]?$", text):
        items, rest = _items(held[int(found["at"])], [])
        sure = "columns" in found.group() or (_named(items) and not re.search(r"\w_\w", text[: found.start()]))
        if sure and len(items) > 1 and not rest:
            yield Listed(text[: found.start()], items)
    for way in (_SENTENCE, None, _BEHIND):
        for start, end in reversed(pieces):
            piece = text[start:end].rstrip(" ->=→–—").rstrip(".;!?: ")
            for at, said in _stretches(way, piece, whole=start > 0):
                items, rest = _items(said, held)
                if len(items) > 1 or (items and _NAME.fullmatch(items[0].name)):
                    before = text[:start] if piece[:at] else _DANGLING.sub(" ", text[:start])
                    yield Listed(f"{before}{piece[:at]} {rest} {text[end:]}", items)
    for found in reversed(list(_HELD.finditer(text))):
        items, rest = _items(held[int(found[1])], [])
        if len(items) > 1 and not rest and (found.end() >= len(text.rstrip(" .;!")) or _named(items)):
            yield Listed(f"{text[: found.start()]} {text[found.end() :]}", items)


def _stretches(way: re.Pattern[str] | None, piece: str, *, whole: bool) -> Iterator[tuple[int, str]]:
    """Where a list may begin in a piece of text, and the list."""
    if way is None:
        if whole:
            yield 0, piece
        return
    place = 0
    while found := way.search(piece, place):
        yield found.start(), found["items"]
        if way is _SENTENCE:
            return
        place = found.start("items")


def _named(items: tuple[Item, ...]) -> bool:
    return any(_NAME.fullmatch(item.name) for item in items)


_FUNCTION = r"(?:first|last|earliest|latest)"
_SEVERAL = re.compile(
    rf"(?<![\w-])(?P<all>(?:{_FUNCTION}(?:,? and |, |/))+{_FUNCTION}) (?P<of>(?!and\b|or\b)[a-z][\w ]*?)(?="
    rf" *(?:,|;|$| and\b|§))",
    re.I,
)


def _each_of(found: re.Match[str]) -> str:
    """`first and last payment time`: each by itself."""
    return ", ".join(f"{one} {found['of']}" for one in re.findall(_FUNCTION, found["all"], re.I))


def _items(text: str, held: list[str]) -> tuple[tuple[Item, ...], str]:
    """The columns of a list, and what stands behind it; none where it reads like a sentence."""
    told: dict[str, str] = {}
    while found := _DEFINED.search(text):
        told[found["name"].lower()] = _open(found["said"], held)
        text = text[: found.start()]
    rest = ""
    if pushed := _PUSHED.search(text):
        rest, text = pushed.group().strip(), text[: pushed.start()]
    while (bare := _REMARK.sub("", text)) != text:
        text = bare
    items: list[Item] = []
    text = _SEVERAL.sub(_each_of, text)
    for part in _BETWEEN.split(text.strip(" ,")):
        if not part or _REMARK.fullmatch(part):
            continue
        item = _ratio(_ARTICLE.sub("", part.strip()), items) or _item(_ARTICLE.sub("", part.strip()), held)
        if item is None:
            return (), ""
        items.append(replace(item, said=told.pop(item.name.lower(), item.said)))
    return (tuple(items), rest) if not told else ((), "")


def _ratio(text: str, before: list[Item]) -> Item | None:
    """`plays per listener`, where both are columns before it."""
    found = re.fullmatch(r"(?P<a>[a-z]+(?:[ _][a-z]+)?) per (?P<b>[a-z]+)", text.replace("_", " "), re.I)
    names = [single(word) for item in before for word in words(item.name)[-1:]]
    if found is None or not {single(words(found["a"])[-1]), single(found["b"])} <= set(names):
        return None
    return Item(text, f"{found['a']} / {found['b']}")


_WHEN_FIRST = re.compile(
    r"^when (?:the |their |its )?(?P<place>first|last|latest|earliest)(?: (?:one|of (?:them|these"
    r"|those)))?(?: (?:was|were))?"
    r" (?P<verb>[a-z]+(?: [a-z]+)?)$",
    re.I,
)
_UNIT_ONLY = re.compile(
    r"(?:in )?(?:usd|us dollars|dollars?|%|percent|counts?(?: of \w+s)?|rounded.*|date|timestamp|utc|text|number"
    r"|integer|if any|(?:from )?\d+ ?(?:\.\.|to|-|–) ?\d.*)",
    re.I,
)


def _item(text: str, held: list[str]) -> Item | None:
    text = text.rstrip(" .;:,")

    if when := _WHEN_FIRST.match(text):
        return Item(f"{when['place']} {when['verb']}")
    if re.search(r"[=/*+]\s*§\d+§|§\d+§\s*[/*+]", text):
        text = _HELD.sub(lambda found: f"({held[int(found[1])]})", text)
    bracket = _HELD.search(text)
    said = held[int(bracket[1])] if bracket else ""
    bare = _HELD.sub("", text).strip()
    if (match := re.fullmatch(r"(?P<name>[\w ]+?)\s*[=:]\s*(?P<said>.+)", bare)) or (
        match := re.fullmatch(r"(?P<said>[\w '-]+?) (?:as|called|named|\(as) (?P<name>[a-z]\w*)", bare, re.I)
    ):
        bare, said = match["name"], match["said"]
    elif match := re.match(rf"(?P<name>{_NAME.pattern}) (?P<said>.+)", bare, re.I):
        bare, said = match["name"], f"{match.group().replace('_', ' ')} {said}".strip()
    named = re.sub(r"^first (?=\w+ \w|\w+_|\w+$)", "", bare, flags=re.I)
    if not bare or len(bare.split()) > MOST_WORDS or _NOT_NAMES.search(named) or re.fullmatch(r"[\d.,]+", bare):
        return None
    digits = -1
    if bracket and said != held[int(bracket[1])] and (rounded := _ROUNDED.fullmatch(held[int(bracket[1])])):
        digits = _decimals(rounded["n"] or rounded["n2"])
    if rounded := _ROUNDED.search(said):
        digits = _decimals(rounded["n"] or rounded["n2"])
        said = _ROUNDED.sub("", said).strip(" ,;")
    numbered = bool(_NUMBERED.fullmatch(said)) and bool(re.search(r"quarter|month", bare, re.I))
    if said and _UNIT_ONLY.fullmatch(said):
        said = (
            f"{bare} in percent"
            if re.search("%|percent", said)
            else f"{bare} as a fraction"
            if _PART.match(said)
            else ""
        )
    return Item(bare, said, digits, numbered)


def _decimals(said: str) -> int:
    return int(said) if said.isdecimal() else _DIGITS.get(said.lower(), -1)


_ROUNDED = re.compile(
    r"[,;]? ?(?:and )?\bround(?:ed)? to (?:the nearest )?(?P<n>\d|one|two|three|four|whole"
    r"|integer)(?: decimals?(?: places?)?| places?"
    r"| digits?| numbers?| percent)?"
    r"|(?:^|[,;] ?)(?:with |to )?(?P<n2>\d|one|two|three|four) decimals?(?: places?)?$",
    re.I,
)
_NUMBERED = re.compile(r"(?:(?:from|as) )?1 ?(?:\.\.+|to|-|–) ?(?:4|12)|number", re.I)
_DIGITS = {"whole": 0, "integer": 0, "one": 1, "two": 2, "three": 3, "four": 4}


_MUCH = (
    r"(?:number|count|total|sum|average|mean|median|share|percentage|rate|ratio|how many|how much|min"
    r"(?:imum)?|max(?:imum)?|avg|first|last"
    r"|largest|smallest|highest|lowest|distinct|running|cumulative|\d+(?:th|st|nd|rd) percentile)"
)
_EACH = re.compile(
    r"(?P<each>\b(?:per|for each|for every|by) [\w' -]+?(?: \([^()]*\))?)(?:\s*[:,-]\s*|\s+(?=the )|,? "
    r"(?:give|show|return|list|compute"
    rf"|tell)(?: me| us)? )(?:(?:give|show|return|list|compute|i want|we need)(?: me| us)? )?(?P<items>"
    rf"(?:the |its |their )?{_MUCH}\b[^.;?]*)",
    re.I,
)
_BOUND = re.compile(r"\bbetween [\w ]+? and (?:the |its |their )?[\w-]+", re.I)
_AS = re.compile(
    r"(?:the |its |a )?(?P<name>[\w ]{3,30}?) (?:as|=|, that is) (?P<said>.*(?:divided by|/|minus|over).*)", re.I
)
_WHEN = re.compile(r",? (?:in|during|for|since) (?:the )?(?:[a-z]+ )*(?:of )?20\d\d$", re.I)
_COLON = re.compile(
    r"(?P<each>\b(?:per|for each|for every|by) [\w' -]+?(?: \([^()]*\))?)\s*:\s*(?P<items>[^.;?:]+,[^.;?:]*)(?=[.;]|$)",
    re.I,
)
LONGEST = 12
"""Words of a column that is described, not named."""


def described(text: str) -> Listed | None:
    """The numbers that a text describes one after the other, behind what they are of: `per category: the number of
    payments, how many of them were disputed`. None where it does not."""
    found = _EACH.search(text) or _COLON.search(text)
    if found is None:
        return None
    held: list[str] = []
    masked = re.sub(
        r"\((?:fraction|rounded|as |that is|0|1)[^()]*\)", lambda match: _hold(match.group(), held), found["items"]
    )
    masked = _BOUND.sub(lambda match: _hold(match.group(), held), masked)
    when = _WHEN.search(masked)
    when = None if when and re.search(r"\b20\d\d\b", masked[: when.start()]) else when
    masked = masked[: when.start()] if when else masked
    parts = [
        part.strip() for part in re.split(r"\s*,\s*(?:and\s+|plus\s+)?|\s+(?:and|plus)\s+", masked) if part.strip()
    ]
    parts = [_of_one(part, parts[at - 1] if at else "") for at, part in enumerate(parts)]
    items = [_described(_HELD.sub(lambda match: held[int(match[1])], part)) for part in parts]
    if len(items) < 2 or None in items:
        return None
    rest = f"{text[: found.start()]} {found['each']}{when.group() if when else ''} {text[found.end() :]}"
    return Listed(" ".join(rest.split()), tuple(item for item in items if item))


_OR = r"(?:,\s*(?:and\s+|plus\s+)?|\s+(?:and|plus)\s+)"
_COUNTS = re.compile(
    rf"^(?P<pre>(?:in|for|during|since|of)\b[^,:?]*[,:] )?how many (?P<what>[^,?:;]+?)(?P<items>(?:{_OR}how"
    rf" many [^,?;.]+?)+)"
    r"[?.]?$",
    re.I,
)
_HEADED = re.compile(
    rf"^(?P<pre>)(?P<what>[^:?;.]*?\b[a-z]+s\b[^:?;.]*?)(?:, (?:all )?(?:in )?(?:one|a single) row)?:"
    rf" (?P<first>[^,:]+?)(?P<items>(?:{_OR}how many [^,?;.]+?){{2,}})[?.]?$",
    re.I,
)


def counts(text: str) -> Listed | None:
    """What is counted one after the other of the same rows: `how many cards are there, how many are blocked`."""
    found = _COUNTS.match(text) or _HEADED.match(text)
    if found is None:
        return None
    parts = [part.strip() for part in re.split(rf"{_OR}(?=how many)", found["items"]) if part.strip()]
    first = found.groupdict().get("first") or "count"
    items = [_described(re.sub(r" in (?:total|all)$", "", part)) for part in (first, *parts)]
    pre = (found["pre"] or "").strip(" ,:")
    what = re.sub(r" (?:are|were) (?:there|we seeing)\b| do we have\b| have we got\b", "", found["what"])
    text = f"{what} {pre}".strip()
    return Listed(text, tuple(item for item in items if item)) if None not in items else None


_OF_ONE = re.compile(
    r"(?P<share>(?:the )?(?:percentage|percent|share|fraction|proportion)) (?:of (?:those|them)"
    r" )?(?:with(?:out)?|that do(?:n['’]t)?"
    r"(?: not)? have|who have) (?:one|it|any|them)",
    re.I,
)


def _of_one(part: str, before: str) -> str:
    """`the percentage without one`, behind what that is: `users without a phone number`."""
    found = _OF_ONE.fullmatch(part)
    if found is None or not re.search(r"\bwith", before):
        return part
    return f"{found['share']} of {re.sub(r'^(?:the )?(?:number|count) of ', '', before)}"


def _described(text: str) -> Item | None:
    text = _ARTICLE.sub("", text)
    if rounded := _ROUNDED.search(text):
        bare = re.sub(r" ?\( *\)", "", _ROUNDED.sub("", text)).strip(" ,;")
        item = _described(bare) if bare else None
        return replace(item, digits=_decimals(rounded["n"] or rounded["n2"])) if item else None
    if match := _AS.fullmatch(text):
        return Item(match["name"], match["said"])
    if match := re.fullmatch(r"(?P<name>(?:how many|number of) [\w ]+?) \((?P<said>[\w ,]+)\)", text):
        return Item(match["name"], match["said"])
    if len(re.sub(r"\([^()]*\)", "", text).split()) > LONGEST or re.search(
        r"\b(?:sorted|ordered|where|whose|only|top)\b|[<>?§]", text
    ):
        return None
    return Item(text, "")


_PART = re.compile(r"0 ?(?:\.\.|to|-|–) ?1\b|between 0 and 1\b")


def _open(said: str, held: list[str]) -> str:
    return _HELD.sub(lambda found: f"({held[int(found[1])]})", said).strip()
