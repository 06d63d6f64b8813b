"""Families of questions: each draws a question in words and the SQL that answers it.

The SQL is FROM-first, as the grammar in `agents.grammar` writes it.
"""

from __future__ import annotations

from finetune.families.arithmetic import elapsed, gap, in_units, ratio
from finetune.families.changes import change, lead
from finetune.families.counts import biggest, count, different, per_thing, scalar, two
from finetune.families.doings import doer, doers, owned_count, owned_sum
from finetune.families.existence import by_number, exists, rows_of_number
from finetune.families.groups import (
    busiest,
    grouped,
    having,
    over_time,
    ranked_groups,
    two_dimensions,
    two_per_group,
    unique_per,
)
from finetune.families.lists import (
    distinct_list,
    lacking,
    listing,
    listing_with,
    ordered_list,
    parents_column,
    roll,
    when,
)
from finetune.families.lookups import lookup, lookup_parent, rows_of
from finetune.families.parents import against_parent
from finetune.families.ranks import extreme, extreme_asked, extreme_doer, extreme_one, superlative, top
from finetune.families.relations import against_average, both, count_having, related, unrelated
from finetune.families.scene import Drawn, Family, Plan, Scene
from finetune.families.shares import distribution, share, share_per_group, versus
from finetune.families.sizes import groups_of_size, typical_size
from finetune.families.ties import runner_up, second_group, tied_groups, tied_rows
from finetune.families.windows import best_per_group, leader_per_group, running_total

__all__ = ["PLANS", "Drawn", "Family", "Plan", "Scene"]

# Everyday questions stand for most of what is asked: counts, lists, totals, groups, look-ups, superlatives.
PLANS: tuple[Plan, ...] = (
    Plan(count, 16, (0, 0, 0, 1, 1, 1, 2), (0, 1, 1, 1, 1, 2, 2)),
    Plan(scalar, 9, (0, 0, 0, 1, 1, 2), (0, 1, 1, 2, 2)),
    Plan(biggest, 1, (0, 0, 1), (0, 0, 1, 1)),
    Plan(owned_count, 4, (1, 1, 1, 2), (1, 1, 2)),
    Plan(owned_sum, 1.5, (1, 1, 1, 2), (1, 1, 2)),
    Plan(doer, 2, (1, 1, 2), (0, 0, 1), open=True),
    Plan(doers, 1.5, (1, 1, 2), (0, 0, 1), open=True),
    Plan(two, 1.5, (0, 0, 1), (0, 1, 1)),
    Plan(different, 3, (0, 0, 1, 1), (0, 0, 1, 1, 2), open=True),
    Plan(grouped, 9, (0, 0, 1, 1, 2), (0, 0, 1, 1), open=True),
    Plan(ranked_groups, 4, (0, 0, 1, 1, 2), (0, 0, 0, 1), open=True),
    Plan(two_per_group, 2, (0, 0, 1, 1, 2), (0, 0, 1), open=True),
    Plan(unique_per, 1.2, (0, 0, 1, 1, 2), (0, 0, 0, 1), open=True),
    Plan(two_dimensions, 1.2, (0,), (0, 1)),
    Plan(over_time, 4, (0, 0, 0, 1), (0, 0, 1, 1)),
    Plan(busiest, 1.5, (0, 0, 1), (0, 1)),
    Plan(superlative, 6, (0, 1, 1, 1, 2), (0, 0, 1), open=True),
    Plan(top, 4, (1, 1, 1, 0, 2), (0, 0, 1), open=True),
    Plan(having, 3.5, (1, 1, 0, 2), (0, 0, 1), open=True),
    Plan(share, 3, (0, 0, 0, 1), (0, 0, 1)),
    Plan(share_per_group, 1.2, (0, 0, 1, 1), (0, 0, 0, 1), open=True),
    Plan(distribution, 1.2, (0, 0, 1), (0, 0, 1), open=True),
    Plan(versus, 1.5, (0, 0, 0, 1), (0, 0, 1), open=True),
    Plan(in_units, 1.5, (0, 0, 1, 1), (0, 0, 1), open=True),
    Plan(listing, 6, (0, 0, 0, 1), (1, 1, 2, 2)),
    Plan(listing_with, 5, (0, 0, 1, 1), (0, 1, 1, 2), open=True),
    Plan(roll, 1.5, (0,), (0,)),
    Plan(ordered_list, 2, (0, 0, 0, 1), (1, 1, 2)),
    Plan(parents_column, 1, (1, 1, 2), (0, 1, 1), open=True),
    Plan(lacking, 2, (0, 0, 0, 1), (0, 0, 1)),
    Plan(lookup, 6, (0,), (0,)),
    Plan(lookup_parent, 3, (1,), (0,), open=True),
    Plan(rows_of, 3, (1, 1, 2), (0, 0, 1), open=True),
    Plan(by_number, 1.2, (0,), (0,)),
    Plan(rows_of_number, 0.8, (0,), (0, 0, 1)),
    Plan(exists, 1.5, (0, 0, 1), (1, 1, 2)),
    Plan(extreme, 2.5, (0, 0, 1), (0, 0, 1)),
    Plan(extreme_one, 3.5, (0, 0, 1), (0, 0, 1)),
    Plan(extreme_asked, 3, (0, 0, 0, 1), (0, 0, 1), open=True),
    Plan(extreme_doer, 2.5, (1, 1, 2), (0, 0, 1), open=True),
    Plan(distinct_list, 1.5, (0,), (0, 0, 1)),
    Plan(when, 1.5, (0, 0, 1), (0, 1, 1)),
    Plan(related, 3.5, (0,), (0, 0, 1)),
    Plan(unrelated, 4.5, (0,), (0, 0, 0, 1)),
    Plan(both, 2, (0,), (0, 0, 1)),
    Plan(count_having, 2.5, (0,), (0, 0, 1)),
    Plan(per_thing, 0.7, (0,), (0, 0, 1)),
    Plan(against_average, 2, (0,), (0, 1)),
    Plan(tied_groups, 1, (0, 0, 1, 1), (0, 0, 1), open=True),
    Plan(tied_rows, 0.8, (0, 0, 1), (0, 0, 1)),
    Plan(runner_up, 1, (0, 0, 1), (0, 0, 1)),
    Plan(second_group, 0.7, (0, 1, 1), (0, 0, 1), open=True),
    Plan(best_per_group, 1.5, (0, 0, 1, 1), (0, 0, 0, 1), open=True),
    Plan(leader_per_group, 0.8, (0, 0, 1), (0, 0, 0, 1), open=True),
    Plan(running_total, 0.8, (0, 0, 0, 1), (0, 0, 1)),
    Plan(ratio, 1.2, (0, 0, 1), (0, 0, 1), open=True),
    Plan(gap, 1.6, (0, 0, 1), (0, 0, 1), open=True),
    Plan(elapsed, 2, (0, 0, 1), (0, 0, 1), open=True),
    Plan(change, 1.8, (0, 0, 0, 1), (0, 0, 1), open=True),
    Plan(lead, 0.7, (0,), (0, 0, 1)),
    Plan(groups_of_size, 1.2, (0,), (0, 0, 1)),
    Plan(typical_size, 1.2, (0,), (0, 0, 1)),
    Plan(against_parent, 1.8, (1,), (0, 0, 1), open=True),
)
