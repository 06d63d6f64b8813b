"""Who sees what; and a wrong policy is refused with its line, before anybody is let in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.catalog import Catalog
from data.errors import Invalid, NotFound
from data.functions import ALLOWED, TABLE_FUNCTIONS
from data.gateway import Gateway
from data.policy import Policy


def names(catalog: Catalog) -> list[str]:
    return [f"{table.full_name}({len(table.columns)})" for table in catalog.tables]


@pytest.mark.parametrize(
    ("name", "tables", "links"),
    [
        (
            "owner",
            ["shop.customers(6)", "shop.orders(4)", "files.visits(3)", "music.tracks(4)", "bank.accounts(4)"],
            2,
        ),
        ("seller", ["shop.customers(6)", "shop.orders(4)"], 1),
        ("agent-ca", ["shop.customers(4)", "shop.orders(4)"], 1),
        ("hasher", ["shop.customers(6)", "bank.accounts(4)"], 1),
        ("nobody", [], 0),
    ],
)
def test_the_catalogue_is_cut_to_the_grants(gateway: Gateway, name: str, tables: list[str], links: int) -> None:
    seen = gateway.visible(gateway.policy.principal(name))
    assert names(seen) == tables
    assert len(seen.relationships) == links


def test_roles_of_hidden_columns_are_gone(gateway: Gateway) -> None:
    seen = gateway.visible(gateway.policy.principal("agent-ca")).table("shop.customers")
    assert (seen.key, seen.label, seen.time) == ("id", "name", None)


def test_a_mask_tells_its_type(gateway: Gateway) -> None:
    policy, hasher = gateway.policy, gateway.policy.principal("hasher")
    table = gateway.catalog.table("shop.customers")
    assert policy.masks(hasher, table) == {"id": "hash", "email": "hash", "secret": "null", "joined": "null"}
    seen = gateway.visible(hasher).table("shop.customers")
    assert (seen.column("id").type, seen.column("joined").type) == ("VARCHAR", "TIMESTAMP")


def test_fingerprints_are_equal_for_equal_sight(gateway: Gateway) -> None:
    policy = gateway.policy
    prints = {name: policy.fingerprint(policy.principal(name)) for name in policy.principals}
    assert len(set(prints.values())) == len(prints)
    twin = replace(policy.principal("agent-ca"), name="twin")
    assert policy.fingerprint(twin) == prints["agent-ca"]


def test_grants_add_up_while_filters_and_masks_hold_together(gateway: Gateway) -> None:
    policy = gateway.policy
    both = replace(policy.principal("agent-ca"), name="both", groups=frozenset({"agents", "sellers", "hashers"}))
    table = gateway.catalog.table("shop.customers")
    assert len(policy.columns(both, table)) == 6
    assert policy.row_filter(both, table) == "(country = :country)"
    assert policy.masks(both, table)["email"] == "hash"
    result = gateway.query(both, "SELECT name FROM shop.customers ORDER BY 1")
    assert result.table.to_pydict() == {"name": ["A***", "C***"]}


def test_an_unknown_principal_learns_of_no_other(gateway: Gateway) -> None:
    with pytest.raises(NotFound) as caught:
        gateway.policy.principal("ownr")
    assert "'ownr'" in str(caught.value)
    assert "owner" not in str(caught.value)


@pytest.mark.parametrize(
    ("right", "wrong", "line", "quoted"),
    [
        ("on: shop.orders}", "on: shop.order}", 13, "'shop.order'"),
        ("on: shop.*", "on: shopp.*", 11, "'shopp'"),
        ("to: sellers", "to: seller", 11, "'seller'"),
        ("columns: [id, name, email", "columns: [id, nmae, email", 12, "'nmae'"),
        ('where: "country = :country"', 'where: "contry = :country"', 17, "'contry'"),
        ('where: "country = :country"', 'where: "country = :land"', 17, "'land'"),
        ('where: "country = :country"', 'where: "country ="', 17, "'country ='"),
        ('where: "country = :country"', 'where: "DROP TABLE x"', 17, "'DROP TABLE x'"),
        ("FROM shop.customers WHERE", "FROM shop.customer WHERE", 20, "'shop.customer'"),
        ("tag: pii", "tag: pij", 22, "'pij'"),
        ("tag: pii, mask: partial", "mask: partial", 22, "`tag`"),
        ("tag: pii, mask: partial", "tag: pii, mask: parital", 22, "'parital'"),
        ("[shop.customers.secret]", "[shop.customers.secrets]", 23, "'shop.customers.secrets'"),
        ("name: seller,", "name: owner,", 4, "'owner'"),
        ("attributes: {country: US}", "attributes: {land: US}", 17, "'agent-us'"),
        ("masks:", "maks:", 21, "'maks'"),
    ],
)
def test_an_error_names_the_line_and_the_value(home: Path, right: str, wrong: str, line: int, quoted: str) -> None:
    path = home / "policy.yaml"
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    with pytest.raises(Invalid) as caught:
        Policy.load(path, Catalog.load(home / "catalog.yaml"))
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert quoted in str(caught.value)


def test_a_country_may_be_norway(home: Path) -> None:
    path = home / "policy.yaml"
    path.write_text(path.read_text().replace("{country: US}", "{country: NO}"))
    policy = Policy.load(path, Catalog.load(home / "catalog.yaml"))
    assert policy.principal("agent-us").attributes == {"country": "NO"}


def test_a_policy_may_add_functions_and_take_them_away(home: Path) -> None:
    path = home / "policy.yaml"
    path.write_text(f"{path.read_text()}functions: {{allow: [My_Own], deny: [MD5]}}\n")
    policy = Policy.load(path, Catalog.load(home / "catalog.yaml"))
    assert "my_own" in policy.functions
    assert "md5" not in policy.functions


def test_no_function_that_reaches_out_is_on_the_list() -> None:
    import duckdb

    query = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('table', 'pragma')"
    with duckdb.connect() as connection:
        outside = {name for (name,) in connection.execute(query).fetchall()}
    # These compute only, as scalars; `repeat` also as a table function, which stays refused.
    assert (ALLOWED & outside) - TABLE_FUNCTIONS == {"repeat"}
