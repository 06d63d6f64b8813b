"""A query said in the few shapes that a plan is made of.

People say the same in many ways: `EXISTS` or `IN`, a condition in ON or in WHERE, a step before in WITH or in FROM, the
hours between two moments as a difference or by a function. Each rewriting keeps the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from sqlglot import exp

from agents.code.render.rewriting.correlated import among, joined
from agents.code.render.rewriting.links import links
from agents.code.render.rewriting.moments import elapsed, floors, parts
from agents.code.render.rewriting.outputs import placed
from agents.code.render.rewriting.steps import inlined, using
from data.catalog import Catalog

REWRITINGS: tuple[Callable[[exp.Expr], exp.Expr], ...] = (parts, floors, elapsed, links, among, joined, placed)


def plainly(tree: exp.Expr, catalog: Catalog) -> exp.Expr:
    """The same query in plain shapes; Unsupported for what can only be said otherwise."""
    return reduce(lambda said, rewrite: rewrite(said), REWRITINGS, using(inlined(tree.copy()), catalog))
