"""Whether a word tells what is done rather than names a thing."""

from __future__ import annotations

import re

from retrieval.spans import plain, stem

_BASES = """
accept achieve act adopt affect afford agree allow announce appoint approve arrange arrive ask assess assign assist
attach attend attract avoid beat begin believe belong bite borrow bounce break bring build burn buy cancel catch
celebrate choose clean climb close come complain complete confirm connect consume contribute cook cope create decide
declare deliver deny depart depend describe deserve destroy develop die disappear discover do donate draw earn eat
employ enjoy enter establish examine expect explain express fail fall feel fetch find finish fit follow forget gather
generate get give go grow handle hang happen hear hire hold ignore improve inform injure inspect install introduce
invent invest invite join kill learn leave lend lie lose marry melt obtain occur operate overtake owe own participate
pay prefer prepare prevent produce propose protect prove publish put qualify read receive recommend recover reduce
refer refuse reject rely remember remove repair repay replace represent require resign resist restore retain retire
reveal satisfy save sell send serve settle shut sign sing sink sit solve spawn speak spend spoil steal submit succeed
suffer suggest supervise survive suspect swim take teach tell throw tidy transfer translate treat undergo understand
undertake warn wear weigh win withdraw write
"""
_PAST_FORMS = """
ate beat became began bit blew bore bought bound brought broke built burnt came caught chose cost crept cut dealt did
drank drew drove dug fed fell felt fled flew forgot fought found froze gave got grew hung heard held hid hit hurt kept
knew laid lay learnt led left lent let lost made meant met overtook paid put quit ran rang read rode rose said sang
sank sat saw sent set shook shone shot shut slept slid sold sought spent spoke sprang stole stood struck stuck swam
swore taught thought threw told took tore understood went withdrew woke won wore wrote
been begun bitten blown borne broken chosen done drawn driven drunk eaten fallen flown forgotten frozen given gone
gotten grown hidden known ridden risen rung seen shaken shown spoken stolen sung sunk swum taken thrown torn undertaken
withdrawn woken worn written
"""
_PAST = frozenset(_PAST_FORMS.split())
_BARE = frozenset(map(stem, _BASES.split())) | _PAST
_ENDING = re.compile(r"\w{2,}(?:ed|ing)")
_DOER = re.compile(r"\b(?:we|they|you|i|who|to|nobody|anybody|can|could|will|would)\s+$", re.I)
"""What stands before a verb, also before one that is called like a thing, as in 'did we process'."""


def is_past(word: str) -> bool:
    """Whether a word in lower case tells what was done, as the last one of 'cases_produced' does."""
    return word in _PAST or (word.endswith("ed") and len(word) > len("need"))


def is_verb(question: str, text: str, start: int) -> bool:
    """Whether the word `text`, which stands at `start` of a question, is a form of a verb."""
    said = plain(text)
    return bool(_ENDING.fullmatch(said) or said in _BARE or stem(said) in _BARE or _DOER.search(question[:start]))
