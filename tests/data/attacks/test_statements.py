"""Each hostile statement, as several principals: it is refused, or shows only what its caller may see."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.long

EVERYBODY = ("agent-ca", "seller", "hasher", "watcher")
WHO = {
    "verbs": ("agent-ca",),
    "functions": ("agent-ca",),
    "names": ("agent-ca", "hasher", "nobody"),
    "scopes": (*EVERYBODY, "nobody"),
}
"""Who tries a family of statements; those that are the same for all need only one."""

TWINNED = ("agent-ca", "watcher", "seller")


def test_nobody_reads_what_is_hidden(vault: Any, attack: tuple[str, str]) -> None:
    family, text = attack
    sql = text.replace("{home}", str(vault.home))
    names = WHO.get(family, EVERYBODY)
    found = {name: vault.leaks(name, sql) for name in names}
    found |= {f"{name} and twin": vault.differs(name, sql) for name in names if name in TWINNED}
    assert {name: leak for name, leak in found.items() if leak} == {}


def test_there_are_three_hundred_statements(attacks: list[str]) -> None:
    distinct = {" ".join(sql.split()).lower() for sql in attacks}
    assert len(distinct) == len(attacks)
    assert len(distinct) >= 300
