"""One catalogue's text at the end of another's."""

from __future__ import annotations

import yaml

from data.manuscript import graft

MINE = """\
# mine
version: 1
sources:
    - name: shop   # the shop
      kind: csv
relationships: []
# the end
"""
OTHER = """\
version: 1

sources:
  # left behind
  - name: live
    kind: delta
    tables:
      - name: plays  # kept
        columns:
          - {name: id, type: BIGINT}

  - {name: more, kind: csv}
relationships:
  - {from: live.plays.id, to: shop.a.id}
"""


def test_the_items_of_each_list_go_to_the_end_of_the_same_list() -> None:
    grown = graft(MINE, OTHER)
    mine, other, both = (yaml.safe_load(text) for text in (MINE, OTHER, grown))
    assert both == {
        "version": 1,
        "sources": mine["sources"] + other["sources"],
        "relationships": other["relationships"],
    }
    assert [line for line in MINE.splitlines() if line != "relationships: []" and line not in grown.splitlines()] == []
    assert "# kept" in grown


def test_a_list_that_is_missing_is_begun() -> None:
    assert yaml.safe_load(graft("version: 1\n", OTHER))["relationships"] == yaml.safe_load(OTHER)["relationships"]


def test_nothing_added_changes_nothing() -> None:
    assert graft(MINE, "") == MINE
