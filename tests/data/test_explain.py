"""Why somebody sees what they see: the rules that decide, with their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.catalog import Catalog
from data.explain import explain, sentences
from data.policy import Policy

POLICY = """\
version: 1
principals:
  - {name: ann, groups: [analysts], attributes: {country: CA}}
groups:
  - {name: analysts, roles: [reader]}
roles:
  - {name: reader}
grants:
  - {to: reader, on: shop.customers, columns: [id, name, email, joined, secret]}
  - {to: analysts, on: shop.customers, columns: [id]}
deny:
  - {for: reader, columns: [shop.customers.secret]}
row_filters:
  - {for: reader, on: shop.customers, where: "country = :country AND name <> :principal"}
masks:
  - {for: reader, tag: pii, mask: partial}
  - {for: "user:ann", columns: [shop.customers.name], mask: hash}
  - {for: reader, columns: [shop.customers.joined], mask: bucket, size: month}
budgets:
  - {for: reader, rows: 100}
"""


@pytest.fixture
def policy(lakehouse: Path, tmp_path: Path) -> Policy:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return Policy.load(path, Catalog.load(lakehouse / "catalog.yaml"))


def test_each_column_has_the_rules_that_decide_over_it(policy: Policy) -> None:
    why = explain(policy, policy.principal("ann"), policy.catalog.table("shop.customers"))
    said = {
        column["name"]: (
            column["access"],
            [(rule["kind"], rule["line"], "/".join(rule["way"])) for rule in column["rules"]],
        )
        for column in why["columns"]
    }
    reader = "analysts/reader"
    assert said == {
        "id": ("granted", [("grant", 9, reader), ("grant", 10, "analysts")]),
        "name": ("masked", [("grant", 9, reader), ("mask", 17, "user:ann")]),
        "email": ("masked", [("grant", 9, reader), ("mask", 16, reader)]),
        "country": ("not granted", []),
        "secret": ("denied", [("grant", 9, reader), ("deny", 12, reader)]),
        "joined": ("masked", [("grant", 9, reader), ("mask", 18, reader)]),
    }


def test_row_filters_have_their_values_and_budgets_their_rules(policy: Policy) -> None:
    why = explain(policy, policy.principal("ann"), policy.catalog.table("shop.customers"))
    (rule,) = why["row_filters"]
    assert (rule["line"], rule["values"]) == (14, {"country": "CA", "principal": "ann"})
    assert why["budget"]["limits"]["rows"] == 100
    assert [rule["line"] for rule in why["budget"]["rules"]] == [20]
    assert explain(policy, policy.principal("ann"), policy.catalog.table("shop.orders"))["row_filters"] == []


def test_people_read_it_in_lines(policy: Policy) -> None:
    lines = list(sentences(explain(policy, policy.principal("ann"), policy.catalog.table("shop.customers"))))
    assert "country: not granted (no rule grants it)" in lines
    assert (
        "joined: masked (grant in line 9 for analysts -> reader; "
        "mask bucket of month in line 18 for analysts -> reader)" in lines
    )
    assert any(line.startswith("rows: country = :country") and "country = CA" in line for line in lines)
    assert any(line.startswith("budget: rows 100") for line in lines)


def test_an_invokers_view_is_out_of_reach_where_its_tables_are(lakehouse: Path, tmp_path: Path) -> None:
    view = "  - {name: views, kind: views, tables: [{name: v, rights: invoker, sql: SELECT SQL}]}\n"
    (tmp_path / "policy.yaml").write_text(POLICY.replace("deny:", "  - {to: reader, on: views.*}\ndeny:"))
    text = (lakehouse / "catalog.yaml").read_text()
    for sql, access in (("id FROM shop.customers", "granted"), ("country FROM shop.customers", "out of reach")):
        (tmp_path / "catalog.yaml").write_text(
            text.replace("relationships:", view.replace("SQL", sql) + "relationships:")
        )
        policy = Policy.load(tmp_path / "policy.yaml", Catalog.load(tmp_path / "catalog.yaml"))
        why = explain(policy, policy.principal("ann"), policy.catalog.table("views.v"))
        assert [column["access"] for column in why["columns"]] == [access]
        assert why["view"] == {"rights": "invoker", "reads": ["shop.customers"]}
        assert ("views.v" in policy.visible(policy.principal("ann"))) is (access == "granted")
