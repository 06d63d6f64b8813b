"""All plain queries that a question may mean, by its hints alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.ask.rerank.cues import is_judged
from agents.ask.sketch.brief import Brief
from agents.ask.sketch.draft import Draft
from agents.ask.sketch.forms import FORMS
from agents.ask.sketch.ground import grounds
from agents.ask.sketch.ways import wheres

if TYPE_CHECKING:
    from retrieval import Context

MOST = 32


def sketches(context: Context) -> tuple[str, ...]:
    """Queries in the names of the context's catalogue, those over the likeliest joins first."""
    brief = Brief(context)
    ends = (False, True) if is_judged(context.question) else (False,)
    drafts = [Draft(ground, where, turned) for ground in grounds(brief) for where in wheres(ground) for turned in ends]
    found = (query for draft in drafts for form in FORMS for query in form(draft))
    return tuple(dict.fromkeys(found))[:MOST]
