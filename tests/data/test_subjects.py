"""Groups, roles, patterns, tags, denials and budgets: whom a rule reaches, and what of the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.budget import Budget, size
from data.catalog import Catalog
from data.declarations import catalog_of
from data.document import Document
from data.errors import Forbidden, Invalid
from data.federation import open_gateway
from data.policy import Policy
from data.rules import policy_of

CATALOG = """\
version: 1
sources:
  - name: cash
    kind: postgres
    location: postgres
    tables:
      - name: sales.orders
        tags: [money]
        columns:
          - {name: id, type: BIGINT}
          - {name: amount, type: "DECIMAL(12,2)", tags: [secret]}
      - name: sales.people
        columns:
          - {name: id, type: BIGINT}
          - {name: born, type: DATE, tags: [pii]}
          - {name: region, type: VARCHAR}
      - name: users
        columns:
          - {name: id, type: BIGINT}
          - {name: name, type: VARCHAR, tags: [pii]}
"""

PEOPLE = """\
version: 1
principals:
  - {name: ann, groups: [analysts]}
  - {name: bea, roles: [reader]}
  - {name: cid, groups: [guests], attributes: {regions: [EU, US]}}
groups:
  - {name: analysts, roles: [lead]}
  - {name: guests}
roles:
  - {name: lead, includes: [reader, writer]}
  - {name: reader}
  - {name: writer, includes: [reader]}
"""


def catalog(text: str = CATALOG) -> Catalog:
    return catalog_of(Document.parse(Path("catalog.yaml"), text))


def policy(rules: str, people: str = PEOPLE) -> Policy:
    return policy_of(Document.parse(Path("policy.yaml"), people + rules), catalog())


def seen(policy: Policy, name: str) -> dict[str, list[str]]:
    visible = policy.visible(policy.principal(name))
    return {table.full_name: [column.name for column in table.columns] for table in visible.tables}


def test_groups_have_roles_and_roles_have_roles() -> None:
    rules = policy("grants:\n  - {to: reader, on: cash.users}\n")
    ann = rules.principal("ann")
    assert ann.groups == {"analysts", "lead", "reader", "writer"}
    assert ann.ways["reader"] == ("analysts", "lead", "reader")
    assert {name: bool(seen(rules, name)) for name in rules.principals} == {"ann": True, "bea": True, "cid": False}


def test_a_rule_may_be_for_one_principal_alone() -> None:
    rules = policy('grants:\n  - {to: "user:bea", on: cash.users}\n  - {to: reader, on: cash.sales.people}\n')
    assert seen(rules, "bea").keys() == {"cash.users", "cash.sales.people"}
    assert seen(rules, "ann").keys() == {"cash.sales.people"}


@pytest.mark.parametrize(
    ("pattern", "tables"),
    [
        ('"*"', ["cash.sales.orders", "cash.sales.people", "cash.users"]),
        ("cash.*", ["cash.sales.orders", "cash.sales.people", "cash.users"]),
        ("Cash.Sales.*", ["cash.sales.orders", "cash.sales.people"]),
        ("cash.sales.people", ["cash.sales.people"]),
    ],
)
def test_a_grant_is_on_a_catalogue_a_source_a_schema_or_a_table(pattern: str, tables: list[str]) -> None:
    assert list(seen(policy(f"grants:\n  - {{to: reader, on: {pattern}}}\n"), "bea")) == tables


def test_a_star_leaves_the_built_in_source_out() -> None:
    from data.catalog import Column, SourceConfig, Table

    system = SourceConfig("system", "delta", "", tables=(Table("system", "audit", columns=(Column("id", "BIGINT"),)),))
    whole = Catalog((*catalog().sources, system))
    for pattern, sees in (("*", False), ("system.*", True)):
        text = f'{PEOPLE}grants:\n  - {{to: reader, on: "{pattern}"}}\n'
        rules = policy_of(Document.parse(Path("policy.yaml"), text), whole)
        assert ("system.audit" in rules.visible(rules.principal("bea"))) is sees


def test_a_denial_wins_over_every_grant() -> None:
    rules = policy(
        'grants:\n  - {to: reader, on: "*"}\n  - {to: lead, on: cash.users, columns: [name]}\n'
        "deny:\n  - {for: writer, tag: pii}\n  - {for: reader, columns: [cash.sales.orders.amount]}\n"
    )
    assert seen(rules, "bea") == {
        "cash.sales.orders": ["id"],
        "cash.sales.people": ["id", "born", "region"],
        "cash.users": ["id", "name"],
    }
    assert seen(rules, "ann")["cash.users"] == ["id"]
    assert not rules.sees_all(rules.principal("bea"))


def test_a_tables_tag_is_a_tag_of_its_columns() -> None:
    rules = policy('grants:\n  - {to: reader, on: "*"}\ndeny:\n  - {for: reader, tag: money}\n')
    assert "cash.sales.orders" not in seen(rules, "bea")
    masked = policy('grants:\n  - {to: reader, on: "*"}\nmasks:\n  - {for: reader, tag: money, mask: hash}\n')
    table = masked.catalog.table("cash.sales.orders")
    assert masked.masks(masked.principal("bea"), table) == {"id": "hash", "amount": "hash"}


def test_a_row_filter_by_tag_is_on_each_table_that_has_it() -> None:
    rules = policy('grants:\n  - {to: reader, on: "*"}\nrow_filters:\n  - {for: reader, tag: money, where: id > 0}\n')
    filters = {
        t.full_name: rules.row_filter(rules.principal("bea"), t) for t in rules.catalog.tables if t.source == "cash"
    }
    assert filters == {"cash.sales.orders": "(id > 0)", "cash.sales.people": None, "cash.users": None}


def test_of_two_buckets_the_coarser_holds_and_any_other_mask_before_it() -> None:
    masks = "\n".join(
        f"  - {{for: {group}, columns: [cash.sales.people.{column}], mask: {mask}}}"
        for group, column, mask in [
            ("reader", "born", "bucket, size: month"),
            ("writer", "born", "bucket, size: year"),
            ("lead", "id", "bucket, size: 1000"),
            ("writer", "id", "partial"),
        ]
    )
    rules = policy(f'grants:\n  - {{to: reader, on: "*"}}\nmasks:\n{masks}\n')
    table = rules.catalog.table("cash.sales.people")
    assert {n: (m.kind, m.size) for n, m in rules.masking(rules.principal("ann"), table).items()} == {
        "id": ("partial", None),
        "born": ("bucket", "year"),
    }
    assert rules.masking(rules.principal("bea"), table)["born"].size == "month"


def test_fingerprints_tell_sizes_and_bound_values_apart() -> None:
    def printed(name: str, rules: str) -> str:
        found = policy(f'grants:\n  - {{to: "user:cid", on: "*"}}\n  - {{to: reader, on: "*"}}\n{rules}')
        return found.fingerprint(found.principal(name))

    mask = "masks:\n  - {for: reader, columns: [cash.users.id], mask: bucket, size: SIZE}\n"
    assert printed("bea", mask.replace("SIZE", "10")) != printed("bea", mask.replace("SIZE", "20"))
    own = 'row_filters:\n  - {for: reader, on: cash.users, where: "name = :principal"}\n'
    assert printed("ann", own) != printed("bea", own)
    assert printed("ann", "") == printed("bea", "")


def test_the_largest_of_each_quantity_is_the_budget() -> None:
    rules = policy(
        "budgets:\n  - {for: reader, rows: 1000, scan: 10GB, seconds: 10}\n"
        "  - {for: writer, rows: 500, scan: 20GB, memory: 1MiB, concurrency: 4}\n"
    )
    assert rules.budget(rules.principal("cid")) == Budget()
    assert rules.budget(rules.principal("bea")) == Budget(rows=1000, scan_bytes=10 * 10**9, seconds=10)
    assert rules.budget(rules.principal("ann")) == Budget(1000, 20 * 10**9, 10, 2**20, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10GB", 10**10), ("1.5 MiB", 3 * 2**19), ("200mb", 2 * 10**8), (7, 7), ("12 B", 12), ("1TB", 10**12)],
)
def test_sizes_are_read(text: str | int, expected: int) -> None:
    assert size(text) == expected


@pytest.mark.parametrize("text", ["ten", "", "-1GB", "0", "10 XB", "1e9", "GB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="not a size"):
        size(text)


RULES = """\
grants:
  - {to: reader, on: "*"}
deny:
  - {for: reader, tag: secret}
row_filters:
  - {for: guests, on: cash.sales.people, where: "region IN :regions"}
masks:
  - {for: reader, columns: [cash.sales.people.id], mask: bucket, size: 10}
budgets:
  - {for: reader, rows: 10, scan: 1GB}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "quoted"),
    [
        ("roles: [lead]", "roles: [leed]", 7, "'leed'"),
        ("roles: [reader]}", "roles: [reeder]}", 4, "'reeder'"),
        ("groups: [guests]", "groups: [guest]", 5, "'guest'"),
        ("groups: [guests]", "groups: [reader]", 5, "is a role"),
        ("includes: [reader, writer]", "includes: [reader, writr]", 10, "'writr'"),
        ("{name: reader}", "{name: reader, includes: [lead]}", 10, "'lead' includes 'reader'"),
        ("{name: reader}", "{name: reader, includes: [reader]}", 11, "'reader' includes 'reader'"),
        ("{name: guests}", "{name: lead}", 10, "declared twice"),
        ("{name: guests}", '{name: "user:x"}', 8, "colon"),
        ("regions: [EU, US]", "principal: x", 5, "'principal'"),
        ("regions: [EU, US]", "region: EU", 18, "'cid' has no attribute 'regions'"),
        ("region IN :regions", "region = :regions", 18, "IN :regions"),
        ("region IN :regions", "region = getenv('HOME')", 18, "'getenv'"),
        ("region IN :regions", "id IN (SELECT id FROM read_csv('/etc/passwd'))", 18, "'/etc/passwd'"),
        ("region IN :regions", "id IN (SELECT 1 FROM glob('/etc/*'))", 18, "'glob'"),
        ("{to: reader", "{to: readr", 14, "'readr'"),
        ("{to: reader", '{to: "user:zoe"', 14, "'zoe'"),
        ('on: "*"', "on: cash.sale.*", 14, "'cash.sale'"),
        ('on: "*"', "on: cosh.*", 14, "'cosh'"),
        ("tag: secret", "tag: secrets", 16, "'secrets'"),
        ("tag: secret", "tag: secret, columns: [cash.users.id]", 16, "a denial names"),
        ("on: cash.sales.people", "tag: pii", 18, "no table has the tag 'pii'"),
        ("on: cash.sales.people, ", "", 18, "Give one of them"),
        ("size: 10}", "size: 0}", 20, "'0'"),
        ("size: 10}", "size: 0.5}", 20, "'0.5'"),
        ("size: 10}", "size: month}", 20, "'month'"),
        (", size: 10}", "}", 20, "'size' is missing"),
        ("mask: bucket", "mask: hash", 20, "no size"),
        ("people.id], mask: bucket, size: 10", "people.region], mask: bucket, size: 10", 20, "VARCHAR"),
        ("people.id], mask: bucket, size: 10", "people.born], mask: bucket, size: hour", 20, "'hour'"),
        ("scan: 1GB", "scan: 1 giga", 22, "'1 giga'"),
        ("rows: 10", "rows: 0", 22, "rows"),
        ("{for: reader, rows", "{for: readers, rows", 22, "'readers'"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(right: str, wrong: str, line: int, quoted: str) -> None:
    text = PEOPLE + RULES
    assert right in text
    with pytest.raises(Invalid) as caught:
        policy_of(Document.parse(Path("policy.yaml"), text.replace(right, wrong, 1)), catalog())
    assert str(caught.value).startswith(f"policy.yaml:{line}: ")
    assert quoted in str(caught.value)


def test_several_values_and_the_callers_name_are_bound_as_literals(home: Path) -> None:
    path = home / "policy.yaml"
    text = path.read_text()
    text = text.replace("attributes: {country: CA}", 'attributes: {country: [CA, "FR\') OR true --"]}')
    text = text.replace("attributes: {country: US}", "attributes: {country: []}")
    text = text.replace("country = :country", "country IN :country AND :principal LIKE 'agent%'")
    path.write_text(text)
    gateway = open_gateway(home, threads=1)
    for name, expected in (("agent-ca", ["Ada Lark", "Cy Wren"]), ("agent-us", [])):
        result = gateway.query(gateway.policy.principal(name), "SELECT name FROM shop.customers ORDER BY 1")
        assert result.table.to_pydict() == {"name": expected}
    gateway.close()


def test_a_look_up_is_read_whole_whatever_filters_it(home: Path) -> None:
    path = home / "policy.yaml"
    where = "customer_id IN (SELECT id FROM shop.customers WHERE country = :country)"
    nested = (
        "id IN (SELECT o.id FROM shop.orders o WHERE o.customer_id IN "
        "(SELECT customer_id FROM files.visits WHERE page = 'home'))"
    )
    path.write_text(
        path.read_text().replace(where, nested).replace("columns: [id, name, email, country]}", "columns: [id]}")
    )
    gateway = open_gateway(home, threads=1)
    agent = gateway.policy.principal("agent-ca")
    # Visits are not granted, and orders filter themselves; the filter sees all of both.
    assert gateway.query(agent, "SELECT id FROM shop.orders ORDER BY 1").table.to_pydict() == {"id": [1, 2, 3]}
    with pytest.raises(Forbidden):
        gateway.query(agent, "SELECT * FROM files.visits")
    gateway.close()


def test_masks_need_no_function_of_the_allow_list(home: Path) -> None:
    path = home / "policy.yaml"
    path.write_text(path.read_text() + "functions: {deny: [sha256, concat, left, regexp_matches, strpos, substr]}\n")
    gateway = open_gateway(home, threads=1)
    hasher, seller = (gateway.policy.principal(name) for name in ("hasher", "seller"))
    hashed = gateway.query(hasher, "SELECT id FROM shop.customers LIMIT 1").table.to_pydict()
    assert len(hashed["id"][0]) == 16
    assert gateway.query(seller, "SELECT email FROM shop.customers WHERE id = 1").table.to_pydict() == {
        "email": ["a***@example.com"]
    }
    with pytest.raises(Forbidden, match="'sha256'"):
        gateway.query(seller, "SELECT sha256(email) FROM shop.customers")
    gateway.close()
