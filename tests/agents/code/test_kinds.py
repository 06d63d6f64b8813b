"""Each language: what is taken, what is refused with which words, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agents.code.coder import Coder
from agents.code.state import Delivery
from agents.endpoints.scripted import scripted
from data.policy import Principal
from tests.agents.code.conftest import Make

Run = Callable[..., Delivery]


@pytest.fixture
def run(coder: Make, ann: Principal) -> Run:
    """Check and run a program as ann."""
    opened: Coder = coder(scripted())
    return lambda code, language, **options: opened.run(ann, code, language=language, **options)


def rows(delivery: Delivery) -> list[list[object]]:
    assert delivery.status == "delivered", delivery.error
    return sorted((delivery.result or {})["rows"], key=str)


@pytest.mark.parametrize(
    ("dialect", "code"),
    [
        ("spark", "SELECT `id` FROM `shop`.`orders` WHERE MONTH(placed_at) = 11 AND `id` > 3"),
        ("mysql", "SELECT `id` FROM `shop`.`orders` WHERE YEAR(placed_at) = 2026 AND id > 3 LIMIT 5"),
        ("postgres", "SELECT id FROM shop.orders WHERE placed_at::date >= DATE '2026-11-04' LIMIT 5"),
        ("tsql", "SELECT TOP 1 [id] FROM [shop].[orders] ORDER BY [id] DESC"),
    ],
)  # fmt: skip
def test_sql_runs_in_the_dialect_that_it_is_written_in(run: Run, dialect: str, code: str) -> None:
    assert rows(run(code, "sql", dialect=dialect)) == [[4]]


PYSPARK = """\
from pyspark.sql import functions as F

orders = spark.table("shop.orders")
customers = spark.table("shop.customers")
result = (
    orders.join(customers, orders.customer_id == customers.id)
    .groupBy("country")
    .agg(F.sum("amount").alias("total"))
)
"""


def test_pyspark_runs_over_governed_tables(run: Run) -> None:
    assert rows(run(PYSPARK, "pyspark")) == [["CA", 13.5], ["US", 7.0]]


@pytest.mark.parametrize(
    ("language", "code", "said"),
    [
        ("python", "import lakehouse\nresult = (", "Line 2"),
        ("python", "import lakehouse\nlakehouse.table('shop.orders')", "binds nothing to `result`"),
        ("python", "result = 1", "reads nothing by `lakehouse`"),
        ("python", "import lakehouse\nresult = lakehouse.sql('SELECT nothing FROM shop.orders')", "Line 2"),
        ("python", "import lakehouse\nresult = lakehouse.table('shop.orders')\nraise ValueError('no')", "Line 3"),
        ("pyspark", "result = spark.sql('SELEC 1')", "Line 1"),
        ("sql", "SELECT 1", "reads no rows"),
        ("sql", "SELECT id FROM shop.orders; SELECT 1", "2 statements"),
        ("sql", "nothing like it", "not a query"),
        ("dbt", "SELECT id FROM shop.orders", "names no table"),
        ("dbt", "SELECT id FROM {{ source('shop', 'orders') }} {% for i in x %}{% endfor %}", "template tag"),
        ("dbt", "SELECT {{ ''.__class__ }} FROM {{ ref('orders') }}", "not taken"),
        ("dbt", "SELECT id FROM {{ ref('nothing') }}", "ref('nothing')"),
    ],
)
def test_a_mistake_is_told_with_its_place(run: Run, language: str, code: str, said: str) -> None:
    delivery = run(code, language)
    assert (delivery.status, delivery.result) == ("failed", None)
    assert said in (delivery.error or {})["message"]


def test_a_dbt_model_is_compiled_and_run(run: Run) -> None:
    model = """\
{{ config(materialized='table') }}
{# paid orders alone #}
SELECT c.country, count(*) AS orders
FROM {{ source('shop', 'orders') }} o JOIN {{ ref('customers') }} c ON c.id = o.customer_id
WHERE o.status = 'paid' GROUP BY c.country
"""
    delivery = run(model, "dbt")
    assert rows(delivery) == [["CA", 3]]
    assert {check.name for check in delivery.checks} >= {"compiles", "may read", "runs"}


FEATURE = """\
from data.features import Feature, FeatureView

customer_orders = FeatureView(
    name="customer_orders", entity="customer", keys=("customer_id",), source="shop.orders", time="placed_at",
    filter="status = 'paid'", ttl="90d", owner="shop@example.com", description="What a customer buys.",
    features=(
        Feature("orders", "count", over=("30d",), description="Orders."),
        Feature("spent", "sum", "amount", over=("1d", "30d"), unit="USD", description="Money spent."),
    ),
)
"""


def test_a_feature_view_is_loaded_and_computed_on_a_sample(run: Run) -> None:
    delivery = run(FEATURE, "feature")
    assert (delivery.result or {})["columns"] == [
        "customer_id", "at", "customer_orders__orders_30d", "customer_orders__spent_1d", "customer_orders__spent_30d",
    ]  # fmt: skip
    assert [[row[0], *row[2:]] for row in rows(delivery)] == [[1, 2, 2.5, 12.5], [3, 1, 1.0, 1.0]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"sum", "amount"', '"sum", "nothing"', "nothing"),
        ('"count"', '"median"', "median"),
        ('keys=("customer_id",)', 'keys=("buyer",)', "buyer"),
        ("FeatureView(\n", "1 / 0 and FeatureView(\n", "^ZeroDivisionError"),
        ("customer_orders = FeatureView(", "[FeatureView][0](", "no FeatureView"),
        ('over=("30d",)', 'over=("soon",)', "soon"),
    ],
)
def test_a_feature_view_that_cannot_be_is_told_why(run: Run, old: str, new: str, said: str) -> None:
    import re

    delivery = run(FEATURE.replace(old, new), "feature")
    assert (delivery.status, delivery.result) == ("failed", None)
    assert re.search(said, (delivery.error or {})["message"])


def test_a_feature_of_a_hidden_table_is_refused(run: Run) -> None:
    assert run(FEATURE.replace("shop.orders", "bank.accounts"), "feature").status == "forbidden"


STREAM = """\
streams:
  - name: totals
    topic: shop.totals
    schema: schemas/total.json
    target: lab.totals
    mode: upsert
    key: customer_id
"""


def test_a_stream_is_checked_as_the_homes_own_are(run: Run, home: Path) -> None:
    (home / "schemas").mkdir()
    (home / "schemas" / "total.json").write_text("{}")
    assert rows(run(STREAM, "stream")) == [["totals", "shop.totals", "lab.totals", "upsert"]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lab.totals", "lab.nothing", "lab.nothing"),
        ("lab.totals", "shop.orders", "kind 'parquet'"),
        ("key: customer_id", "key: buyer", "buyer"),
        ("schemas/total.json", "../../etc/passwd", "leads elsewhere"),
        ("schemas/total.json", "${file:/etc/passwd}", "elsewhere"),
        ("mode: upsert", "mode: &a upsert\n    time: *a", "alias"),
        ("streams:", "broker: {servers: evil:9092}\nstreams:", "broker"),
        ("mode: upsert", "mode: sideways", "sideways"),
        ("schemas/total.json", "schemas/none.json", "schemas/none.json"),
    ],
)
def test_a_stream_that_cannot_be_is_told_why(run: Run, old: str, new: str, said: str) -> None:
    delivery = run(STREAM.replace(old, new), "stream")
    assert delivery.status == "failed"
    assert said in (delivery.error or {})["message"]
