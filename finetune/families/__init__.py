"""Families of questions: each draws a question in words and the SQL that answers it.

The SQL is FROM-first, as the grammar in `agents.grammar` writes it.
"""

from __future__ import annotations

from finetune.families.counts import biggest, count, different, per_thing, scalar, two
from finetune.families.doings import doer, doers, owned_count, owned_sum
from finetune.families.groups import (
    busiest,
    grouped,
    having,
    in_units,
    over_time,
    ranked_groups,
    two_dimensions,
    two_per_group,
    unique_per,
)
from finetune.families.lists import distinct_list, lacking, listing, listing_with, ordered_list, parents_column, when
from finetune.families.lookups import lookup, lookup_parent, rows_of
from finetune.families.ranks import extreme, extreme_asked, extreme_doer, extreme_one, superlative, top
from finetune.families.relations import against_average, both, count_having, related, unrelated
from finetune.families.scene import Drawn, Family, Plan, Scene
from finetune.families.shares import distribution, share, share_per_group, versus

__all__ = ["PLANS", "Drawn", "Family", "Plan", "Scene"]

PLANS: tuple[Plan, ...] = (
    Plan(count, 18, (0, 0, 0, 1, 1, 1, 2), (0, 1, 1, 1, 1, 2, 2)),
    Plan(scalar, 14, (0, 0, 1, 1, 2), (0, 1, 1, 2, 2)),
    Plan(biggest, 3, (0, 0, 1), (0, 0, 1, 1)),
    Plan(owned_count, 7, (1, 1, 1, 2), (1, 1, 2)),
    Plan(owned_sum, 3, (1, 1, 1, 2), (1, 1, 2)),
    Plan(doer, 5, (1, 1, 2), (0, 0, 1), open=True),
    Plan(doers, 5, (1, 1, 2), (0, 0, 1), open=True),
    Plan(two, 2, (0, 0, 1), (0, 1, 1)),
    Plan(different, 5, (0, 0, 1, 1), (0, 0, 1, 1, 2), open=True),
    Plan(grouped, 14, (0, 0, 1, 1, 2), (0, 0, 1, 1), open=True),
    Plan(ranked_groups, 9, (0, 0, 1, 1, 2), (0, 0, 0, 1), open=True),
    Plan(two_per_group, 10, (0, 0, 1, 1, 2), (0, 0, 1), open=True),
    Plan(unique_per, 8, (0, 0, 1, 1, 2), (0, 0, 0, 1), open=True),
    Plan(two_dimensions, 1, (0,), (0, 1)),
    Plan(over_time, 6, (0, 0, 0, 1), (0, 0, 1, 1)),
    Plan(busiest, 3, (0, 0, 1), (0, 1)),
    Plan(superlative, 10, (0, 1, 1, 1, 2), (0, 0, 1), open=True),
    Plan(top, 8, (1, 1, 1, 0, 2), (0, 0, 1), open=True),
    Plan(having, 6, (1, 1, 0, 2), (0, 0, 1), open=True),
    Plan(share, 5, (0, 0, 0, 1), (0, 0, 1)),
    Plan(share_per_group, 7, (0, 0, 1, 1), (0, 0, 0, 1), open=True),
    Plan(distribution, 4, (0, 0, 1), (0, 0, 1), open=True),
    Plan(versus, 5, (0, 0, 0, 1), (0, 0, 1), open=True),
    Plan(in_units, 26, (0, 0, 1, 1), (0, 0, 1), open=True),
    Plan(listing, 8, (0, 0, 0, 1), (1, 1, 2, 2)),
    Plan(listing_with, 7, (0, 0, 1, 1), (1, 1, 2), open=True),
    Plan(ordered_list, 5, (0, 0, 0, 1), (1, 1, 2)),
    Plan(parents_column, 3, (1, 1, 2), (0, 1, 1), open=True),
    Plan(lacking, 6, (0, 0, 0, 1), (0, 0, 1)),
    Plan(lookup, 22, (0,), (0,)),
    Plan(lookup_parent, 30, (1,), (0,), open=True),
    Plan(rows_of, 13, (1, 1, 2), (0, 0, 1), open=True),
    Plan(extreme, 3, (0, 0, 1), (0, 0, 1)),
    Plan(extreme_one, 2, (0, 0, 1), (0, 0, 1)),
    Plan(extreme_asked, 9, (0, 0, 0, 1), (0, 0, 1), open=True),
    Plan(extreme_doer, 4, (1, 1, 2), (0, 0, 1), open=True),
    Plan(distinct_list, 2, (0,), (0, 0, 1)),
    Plan(when, 3, (0, 0, 1), (0, 1, 1)),
    Plan(related, 8, (0,), (0, 0, 1)),
    Plan(unrelated, 22, (0,), (0, 0, 0, 1)),
    Plan(both, 30, (0,), (0, 0, 1)),
    Plan(count_having, 8, (0,), (0, 0, 1)),
    Plan(per_thing, 1, (0,), (0, 0, 1)),
    Plan(against_average, 2, (0,), (0, 1)),
)
