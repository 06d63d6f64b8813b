"""Views and measures: what they give, with whose rights, and what is refused when they are declared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import lake
from data.catalog import Catalog
from data.errors import DataError, Forbidden, Invalid
from data.federation import open_gateway
from data.gateway import Gateway, Result
from data.gateway.rewrite import FENCE

VIEWS = """\
  - name: views
    kind: views
    description: What the company agrees on.
    tables:
      - name: paid
        description: Orders that were paid, with who bought.
        key: id
        columns:
          - {name: email, type: VARCHAR, description: Of the buyer., tags: [pii]}
        sql: |
          SELECT o.id, o.amount, c.name, c.email, c.country
          FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id
          WHERE o.status = 'paid'
        measures:
          - {name: takings, expression: sum(amount), unit: USD}
      - name: mine
        rights: invoker
        sql: SELECT id, name, email FROM shop.customers
      - name: by_country
        sql: SELECT country, measure(takings), count(*) AS orders FROM views.paid GROUP BY country
      - name: invoked_within
        sql: SELECT count(*) AS n FROM views.mine
"""

MEASURES = """\
        measures:
          - name: revenue
            expression: sum(amount) FILTER (WHERE status = 'paid')
            unit: USD
          - {name: orders, expression: count(*)}
"""

POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: viewer, groups: [viewers]}
  - {name: agent, groups: [agents], attributes: {country: CA}}
  - {name: masked, groups: [masked]}
  - {name: filtered, groups: [filtered]}
  - {name: narrow, groups: [narrow]}
grants:
  - {to: owners, on: "*"}
  - {to: viewers, on: views.*}
  - {to: agents, on: views.*}
  - {to: agents, on: shop.customers, columns: [id, name, country]}
  - {to: agents, on: shop.orders}
  - {to: masked, on: views.*}
  - {to: masked, on: shop.*}
  - {to: filtered, on: views.*}
  - {to: narrow, on: shop.orders, columns: [id, status, customer_id]}
row_filters:
  - {for: agents, on: shop.customers, where: "country = :country"}
  - {for: filtered, on: views.paid, where: "country = 'CA'"}
  - {for: agents, on: shop.orders, where: "id IN (SELECT id FROM views.paid)"}
masks:
  - {for: masked, tag: pii, mask: partial}
  - {for: masked, columns: [shop.orders.amount], mask: bucket, size: 10}
"""


def declared(home: Path) -> str:
    text = (home / "catalog.yaml").read_text().replace("relationships:\n", f"{VIEWS}relationships:\n")
    status = "          - {name: status, type: VARCHAR}\n"
    return text.replace(status, f"{status}{MEASURES}")


def declare(home: Path) -> Path:
    path = home / "catalog.yaml"
    path.write_text(declared(home))
    (home / "policy.yaml").write_text(POLICY)
    return path


@pytest.fixture(scope="module")
def shop(lakehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("views")
    catalog, policy = folder / "catalog.yaml", folder / "policy.yaml"
    catalog.write_text(declared(lakehouse))
    policy.write_text(POLICY)
    gateway = open_gateway(lakehouse, catalog=catalog, policy=policy, threads=1)
    yield gateway
    gateway.close()


def ask(gateway: Gateway, name: str, sql: str) -> Result:
    return gateway.query(gateway.policy.principal(name), sql)


def rows(gateway: Gateway, name: str, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in ask(gateway, name, sql).table.to_pylist()]


def test_columns_of_a_view_come_from_its_body(shop: Gateway) -> None:
    table = shop.catalog.table("views.paid")
    assert [(c.name, c.type) for c in table.columns] == [
        ("id", "BIGINT"),
        ("amount", "DECIMAL(12,2)"),
        ("name", "VARCHAR"),
        ("email", "VARCHAR"),
        ("country", "VARCHAR"),
    ]
    assert table.column("email").description == "Of the buyer."
    assert table.view is not None
    assert table.view.reads == ("shop.customers", "shop.orders")


def test_a_definers_view_shows_what_its_reader_may_not_read(shop: Gateway) -> None:
    everybody = rows(shop, "owner", "SELECT id, email FROM views.paid ORDER BY id")
    assert rows(shop, "viewer", "SELECT id, email FROM views.paid ORDER BY id") == everybody
    assert rows(shop, "agent", "SELECT id, email FROM views.paid ORDER BY id") == everybody
    with pytest.raises(Forbidden, match=r"'shop\.customers'"):
        ask(shop, "viewer", "SELECT email FROM shop.customers")


def test_filters_and_masks_on_a_view_hold(shop: Gateway) -> None:
    assert {email for (email,) in rows(shop, "masked", "SELECT email FROM views.paid")} >= {"a***@example.com"}
    countries = rows(shop, "filtered", "SELECT DISTINCT country FROM views.paid")
    assert countries == [("CA",)]


def test_an_invokers_view_shows_what_its_reader_may_read(shop: Gateway) -> None:
    assert len(rows(shop, "owner", "SELECT * FROM views.mine")) == 4
    for name in ("viewer", "agent"):
        # One may see none of the table, the other not its e-mails: for neither is there such a view.
        assert "views.mine" not in shop.visible(shop.policy.principal(name))
        with pytest.raises(Forbidden, match=r"^'views\.mine' is not among the tables that you may see"):
            ask(shop, name, "SELECT id FROM views.mine")
    assert ("a***@example.com",) in rows(shop, "masked", "SELECT email FROM views.mine")


def test_an_invokers_view_within_a_definers_is_read_by_the_definer(shop: Gateway) -> None:
    assert rows(shop, "viewer", "SELECT n FROM views.invoked_within") == [(4,)]


def test_views_and_measures_stand_on_views(shop: Gateway) -> None:
    sql = "SELECT country, takings, orders FROM views.by_country ORDER BY country"
    paid = "SELECT country, sum(amount), count(*) FROM views.paid GROUP BY country ORDER BY country"
    assert rows(shop, "viewer", sql) == rows(shop, "owner", paid)


def test_a_row_filter_may_look_into_a_view(shop: Gateway) -> None:
    paid = rows(shop, "owner", "SELECT id FROM views.paid ORDER BY 1")
    assert rows(shop, "agent", "SELECT id FROM shop.orders ORDER BY 1") == paid


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM views.paid p, views.paid q",
        "WITH paid AS (SELECT 1 AS n) SELECT id FROM views.paid WHERE id > (SELECT n - 1 FROM paid)",
        "SELECT p.id FROM views.paid AS p JOIN shop.orders o USING (id)",
        "SELECT id FROM views.paid UNION SELECT id FROM views.mine",
        "SELECT (SELECT max(id) FROM views.paid)",
        "SELECT * FROM views.paid TABLESAMPLE 100%",
        "FROM views.main.paid",
        'SELECT "Views"."Paid".ID FROM "Views"."Paid"',
    ],
)
def test_a_view_stands_wherever_a_table_does(shop: Gateway, sql: str) -> None:
    assert ask(shop, "owner", sql).table.num_rows > 0


def test_an_error_tells_nothing_of_rows_that_a_view_leaves_out(shop: Gateway) -> None:
    sql = "SELECT id FROM views.paid WHERE CASE WHEN name = 'Bo Finch' THEN CAST(name AS INT) = 1 ELSE true END"
    assert rows(shop, "viewer", f"{sql} ORDER BY id") == [(1,), (2,), (4,)]
    # Whoever sees the tables whole has nothing to learn, so the engine may move their condition.
    assert [str(FENCE) in ask(shop, name, sql).sql for name in ("viewer", "agent", "owner")] == [True, True, False]


def test_lineage_and_sources_of_a_view(shop: Gateway) -> None:
    result = ask(shop, "viewer", "SELECT email FROM views.paid")
    assert result.lineage == ("views.paid.email",)
    assert [use.table for use in result.sources] == ["views.paid"]
    assert shop.audit.tail(1)[0].versions.keys() == {"shop.orders", "shop.customers"}
    result = ask(shop, "masked", "SELECT email FROM views.mine")
    assert result.lineage == ("shop.customers.email", "shop.customers.id", "shop.customers.name", "views.mine.email")
    assert {use.table for use in result.sources} == {"views.mine", "shop.customers"}


def test_the_version_of_a_view_changes_with_its_tables_and_its_text(home: Path) -> None:
    path = declare(home)

    def version() -> str:
        gateway = open_gateway(home, threads=1)
        found = gateway.version(gateway.catalog.table("views.by_country"))
        use = ask(gateway, "viewer", "SELECT * FROM views.by_country").sources[0]
        assert (use.table, use.version) == ("views.by_country", found)
        assert use.freshness is not None
        gateway.close()
        return found

    first = version()
    assert version() == first
    lake.append(home / "lake/shop/orders", lake.read(home / "lake/shop/orders"))
    second = version()
    path.write_text(path.read_text().replace("o.status = 'paid'", "o.status <> 'paid'"))
    assert len({first, second, version()}) == 3


def test_the_body_of_a_view_is_not_for_its_readers(shop: Gateway) -> None:
    seen = shop.visible(shop.policy.principal("viewer")).table("views.paid")
    assert seen.view is None
    assert [measure.name for measure in seen.measures] == ["takings"]


def test_a_measure_is_its_expression(shop: Gateway) -> None:
    plain = "SELECT sum(amount) FILTER (WHERE status = 'paid') AS r, count(*) AS n FROM shop.orders"
    result = ask(shop, "owner", "SELECT measure(revenue), MEASURE(o.orders) AS n FROM shop.orders o")
    assert result.table.column_names == ["revenue", "n"]
    assert [tuple(row.values()) for row in result.table.to_pylist()] == rows(shop, "owner", plain)
    assert result.lineage == ("shop.orders.amount", "shop.orders.status")
    by_status = "SELECT status, measure(orders) FROM shop.orders GROUP BY ALL HAVING measure(orders) > 0 ORDER BY 2, 1"
    counted = "SELECT status, count(*) FROM shop.orders GROUP BY status ORDER BY 2, 1"
    assert rows(shop, "owner", by_status) == rows(shop, "owner", counted)


def test_a_measure_reads_what_its_caller_sees(shop: Gateway) -> None:
    bucketed = "SELECT sum(floor(amount / 10) * 10) FILTER (WHERE status = 'paid') FROM shop.orders"
    expected = rows(shop, "owner", bucketed)
    assert [
        (float(str(value)),) for (value,) in rows(shop, "masked", "SELECT measure(revenue) FROM shop.orders")
    ] == expected
    with pytest.raises(Forbidden, match=r"the measure 'revenue' of 'shop\.orders'") as caught:
        ask(shop, "narrow", "SELECT measure(revenue) FROM shop.orders")
    assert "amount" not in str(caught.value)
    assert len(rows(shop, "narrow", "SELECT measure(orders) FROM shop.orders")) == 1
    assert [m.name for m in shop.visible(shop.policy.principal("narrow")).table("shop.orders").measures] == ["orders"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT c.country, measure(revenue) FROM shop.orders o JOIN shop.customers c ON customer_id = c.id GROUP BY 1",
        "SELECT c.country, measure(revenue) FROM shop.customers c JOIN shop.orders o ON c.id = customer_id GROUP BY 1",
        "SELECT country, measure(revenue) FROM shop.orders LEFT JOIN shop.customers c ON c.id = customer_id GROUP BY 1",
        "SELECT country, measure(o.revenue) FROM shop.orders o, shop.customers c WHERE o.customer_id = c.id GROUP BY 1",
        "SELECT NULL, measure(revenue) FROM shop.orders o SEMI JOIN shop.customers c ON c.id > 0",
        "SELECT NULL, measure(revenue) FROM shop.orders o JOIN views.paid p USING (id)",
    ],
)
def test_a_measure_stands_in_joins_that_count_no_row_twice(shop: Gateway, sql: str) -> None:
    total = sum(float(str(value)) for (_, value) in rows(shop, "owner", sql) if value is not None)
    ((revenue,),) = rows(shop, "owner", "SELECT measure(revenue) FROM shop.orders")
    assert total == float(str(revenue))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT measure(orders) FROM shop.orders o, shop.customers c",
        "SELECT measure(orders) FROM shop.orders o JOIN files.visits v ON v.customer_id = o.customer_id",
        "SELECT measure(orders) FROM shop.orders o JOIN shop.customers c ON c.name = o.status",
        "SELECT measure(orders) FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id OR true",
        "SELECT measure(orders) FROM shop.customers c LEFT JOIN shop.orders o ON c.id = o.customer_id",
        "SELECT measure(orders) FROM shop.orders o FULL JOIN shop.customers c ON c.id = o.customer_id",
        "SELECT measure(orders) FROM shop.orders o, range(2)",
        "SELECT measure(orders) FROM shop.orders o, unnest([1, 2])",
        "SELECT measure(orders) FROM shop.orders o JOIN (SELECT 1 AS id) x ON x.id = o.id",
        "SELECT measure(a.orders) FROM shop.orders a JOIN shop.customers c ON c.id = d.id "
        "JOIN shop.customers d ON d.id = c.id",
        "SELECT measure(a.orders) FROM shop.orders a, shop.customers c "
        "LEFT JOIN shop.customers d ON d.id = a.customer_id AND c.id = a.customer_id",
    ],
)
def test_a_measure_is_refused_where_rows_may_count_twice(shop: Gateway, sql: str) -> None:
    with pytest.raises(Invalid, match=r"twice in 'orders'"):
        ask(shop, "owner", sql)


def test_a_key_behind_a_mask_that_joins_different_rows_is_none(home: Path) -> None:
    declare(home)
    path = home / "policy.yaml"
    path.write_text(path.read_text() + "  - {for: masked, columns: [shop.customers.id], mask: bucket, size: 10}\n")
    gateway = open_gateway(home, threads=1)
    sql = "SELECT measure(orders) FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id"
    assert rows(gateway, "owner", sql) == [(5,)]
    with pytest.raises(Invalid, match="twice"):
        ask(gateway, "masked", sql)
    gateway.close()


@pytest.mark.parametrize(
    ("sql", "kind", "part"),
    [
        ("SELECT measure(reveneu) FROM shop.orders", "invalid", "'revenue'"),
        ("SELECT measure(revenue) FROM shop.customers", "invalid", "'revenue'"),
        ("SELECT measure(revenue) FROM (SELECT * FROM shop.orders)", "invalid", "'revenue'"),
        ("WITH w AS (SELECT * FROM shop.orders) SELECT measure(revenue) FROM w", "invalid", "'revenue'"),
        ("SELECT measure(a.orders) FROM shop.orders b", "invalid", "'orders'"),
        ("SELECT measure(orders) FROM shop.orders a JOIN shop.orders b ON a.id = b.id", "invalid", "Several"),
        ("SELECT measure(orders) OVER () FROM shop.orders", "invalid", "window"),
        ("SELECT measure(orders) FILTER (WHERE id > 1) FROM shop.orders", "invalid", "filter"),
        ("SELECT measure('orders') FROM shop.orders", "invalid", "names no measure"),
        ("SELECT measure() FROM shop.orders", "invalid", "names no measure"),
        ("SELECT measure(orders, revenue) FROM shop.orders", "invalid", "names no measure"),
        ("SELECT measure(*) FROM shop.orders", "invalid", "names no measure"),
        ("SELECT measure(revenue) FROM shop.orders o(a, b, c, d)", "invalid", "renames"),
        ("SELECT id FROM shop.orders WHERE measure(orders) > 1", "invalid", "WHERE"),
        ("SELECT [measure(getenv) FOR x IN [1]] FROM shop.orders", "invalid", "'getenv'"),
        ("SELECT measure(revenue)", "invalid", "'revenue'"),
    ],
)
def test_a_call_of_no_measure_is_refused(shop: Gateway, sql: str, kind: str, part: str) -> None:
    with pytest.raises(DataError) as caught:
        ask(shop, "owner", sql)
    assert caught.value.kind == kind
    assert part in str(caught.value)


BODY = "SELECT id, name, email FROM shop.customers"


@pytest.mark.parametrize(
    ("right", "wrong", "at", "quoted"),
    [
        (BODY, "DELETE FROM shop.customers", "sql: ", "'DELETE'"),
        (BODY, "SELECT 1; SELECT 2", "sql: ", "2 statements"),
        (BODY, "SELECT id FROM shop.custmers", "sql: ", "'shop.customers'"),
        (BODY, "SELECT idd FROM shop.customers", "sql: ", "'idd'"),
        (BODY, "SELECT getenv('HOME') AS h", "sql: ", "'getenv'"),
        (BODY, "SELECT * FROM read_csv('/etc/passwd')", "sql: ", "'read_csv'"),
        (BODY, "SELECT * FROM '/etc/passwd'", "sql: ", "'/etc/passwd'"),
        (BODY, "SELECT $name AS n", "sql: ", "'$name'"),
        (BODY, "SELECT id FROM views.mine", "sql: ", "made of itself"),
        (BODY, "SELECT n AS id FROM views.invoked_within", "sql: ", "views.mine → views.invoked_within → views.mine"),
        (BODY, "SELECT a.id, b.id FROM shop.orders a, shop.orders b", "sql: ", "two columns 'id'"),
        (BODY, "SELECT sum(name) AS n FROM shop.customers", "sql: ", "sum"),
        ("rights: invoker", "rights: nobody", "rights: ", "'nobody'"),
        ("{name: email, type: VARCHAR, description", "{name: mail, type: VARCHAR, description", "name: mail", "'mail'"),
        (
            "{name: email, type: VARCHAR, desc",
            "{name: email, type: BIGINT, desc",
            "name: email, type: BIGINT",
            "VARCHAR",
        ),
        (
            "key: id\n        columns:\n          - {name: email",
            "key: idd\n        columns:\n          - {name: email",
            "key: idd",
            "'idd'",
        ),
        ("    kind: views\n", "    kind: views\n    location: here\n", "location: here", "no location"),
        ("    kind: delta\n    location: lake/shop\n", "    kind: delta\n", "name: shop", "'location' is missing"),
        ("        rights: invoker\n        sql: " + BODY, "        rights: invoker", "name: mine", "'sql' is missing"),
        ("count(*)}", "count(*)} \n        sql: SELECT 1", "sql: SELECT 1", "only a view"),
        ("expression: count(*)", "expression: amount", "expression: amount", "'amount'"),
        ("expression: count(*)", "expression: sum(amont)", "expression: sum(amont)", "'amount'"),
        ("expression: count(*)", "expression: sum(getenv('HOME'))", "expression: sum(getenv", "'getenv'"),
        ("expression: count(*)", "expression: (SELECT 1)", "expression: (SELECT", "one table"),
        ("expression: count(*)", "expression: sum(amount) OVER ()", "expression: sum(amount) OVER", "aggregate"),
        ("expression: count(*)", "expression: sum(amount) FROM", "expression: sum(amount) FROM", "not an expression"),
        ("expression: count(*)", "expression: sum(status)", "expression: sum(status)", "sum"),
        ("name: orders, exp", "name: revenue, exp", "name: revenue, exp", "another measure"),
        ("name: orders, exp", "name: amount, exp", "name: amount, exp", "a column"),
        ("name: orders, exp", "name: a b, exp", "name: a b, exp", "'a b'"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_line(
    lakehouse: Path, tmp_path: Path, right: str, wrong: str, at: str, quoted: str
) -> None:
    text, path = declared(lakehouse), tmp_path / "catalog.yaml"
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    with pytest.raises(Invalid) as caught:
        Catalog.load(path)
    message = str(caught.value)
    line = int(message.removeprefix(f"{path}:").split(":")[0])
    assert at in path.read_text().splitlines()[line - 1]
    assert quoted in message


def test_a_function_that_the_policy_takes_away_is_gone_from_views_too(home: Path) -> None:
    path = declare(home)
    path.write_text(path.read_text().replace(BODY, "SELECT id, md5(name) AS name, email FROM shop.customers"))
    policy = home / "policy.yaml"
    policy.write_text(policy.read_text() + "functions: {deny: [md5]}\n")
    gateway = open_gateway(home, threads=1)
    with pytest.raises(Forbidden, match=r"'views\.mine'"):
        ask(gateway, "owner", "SELECT id FROM views.mine")
    policy.write_text(policy.read_text().replace("deny: [md5]", "deny: []"))
    gateway.close()
    gateway = open_gateway(home, threads=1)
    assert len(rows(gateway, "owner", "SELECT id FROM views.mine")) == 4
    gateway.close()
