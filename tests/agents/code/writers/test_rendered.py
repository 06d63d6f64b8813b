"""The writer for a model that writes our SQL: programs, feature views, and what it can't make of a task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
import yaml
from langchain_core.messages import BaseMessage

from agents.code.state import Attempt, Draft, Language, Task
from agents.code.writers import Bench, Context
from agents.code.writers.rendered import RenderedWriter
from agents.endpoints import Candidate
from agents.endpoints.router import Router
from agents.endpoints.scripted import scripted
from data.errors import Forbidden
from data.gateway import Gateway
from data.policy import Principal
from data.stop import Stop
from retrieval.hints import Hint
from tests.agents.conftest import Findings

ORDERS = (Hint("orders", "table", ("shop.orders",)), Hint("amount", "column", ("shop.orders.amount",)))
PAID = Hint("paid", "value", ("shop.orders.status",), ("paid",))
TOTAL = "SELECT customer_id, sum(amount) AS paid FROM shop.orders WHERE status = 'paid' GROUP BY 1"

Write = Callable[..., Draft]


class Said:
    """What a model says, the likeliest first, and what it was asked."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts, self.asked = texts, list[str]()

    def candidates(
        self, messages: Sequence[BaseMessage], grammar: str | None, max_tokens: int, most: int
    ) -> list[Candidate]:
        self.asked.append(str(messages[-1].content))
        return [Candidate(text, -float(n), 0.5) for n, text in enumerate(self.texts)]


@pytest.fixture
def write(gateway: Gateway, ann: Principal) -> Write:
    def written(
        text: str, language: Language, *replies: str, hints: tuple[Hint, ...] = ORDERS, unknown: tuple[str, ...] = (),
        attempts: tuple[Attempt, ...] = (), expects: tuple[str, ...] = (), answer: str = "unsure",
    ) -> Draft:  # fmt: skip
        endpoint = scripted(answer, answer, instruct=False)
        endpoint = replace(endpoint, coder=lambda: replace(endpoint, ranking=Said(replies)))
        findings = Findings(gateway, hints, unknown)
        bench = Bench(gateway, findings, ann, Router({"scripted": lambda: endpoint}).line(ann, None, None, Stop()))  # type: ignore[arg-type]
        task = Task(text, language, expects=expects)
        return RenderedWriter(bench).write(task, Context(gateway.askable(ann)), attempts)

    return written


def test_a_program_and_the_same_in_sql(write: Write) -> None:
    draft = write("Write a PySpark job for the paid amount per customer (customer_id, paid).", "pyspark", TOTAL)
    assert draft.reply == "code"
    assert 'spark.table("shop.orders")' in draft.code
    assert '.alias("paid")' in draft.code
    assert draft.sql is not None
    assert "SELECT" in draft.sql


def test_the_library_is_the_one_that_is_named(write: Write) -> None:
    assert "import pandas" in write("pandas: paid amount per customer", "python", TOTAL).code
    assert "import polars" in write("Paid amount per customer in Python", "python", TOTAL).code


def test_expected_columns_name_the_outputs(write: Write) -> None:
    draft = write("Paid amount per customer", "sql", TOTAL, expects=("customer_id", "Paid amount"))
    assert 'AS "Paid amount"' in draft.code


def test_a_query_that_failed_before_is_not_written_again(write: Write) -> None:
    first = write("Paid amount per customer", "python", TOTAL)
    again = write("Paid amount per customer", "python", TOTAL, attempts=(Attempt(1, first.code, first.sql),))
    assert again.reply == "unsure"


def test_what_the_model_declines_is_no_program(write: Write) -> None:
    assert write("Write SQL for the weather", "sql", "unsure").reply == "unsure"


def test_what_a_model_guessed_is_told(write: Write) -> None:
    guessed = write("The amounts that make customers glow", "sql", TOTAL)
    assert guessed.explanation.startswith("A model wrote this query; the words of the task alone do not confirm it.")


def test_the_likeliest_query_that_runs_and_has_what_is_named_is_taken(write: Write) -> None:
    queries = (
        "SELECT nothing FROM shop.orders",
        "SELECT sum(amount) AS total FROM bank.accounts",
        "SELECT id FROM shop.orders WHERE amount > 100",
        "SELECT max(amount) AS most FROM shop.orders",
    )
    draft = write("The glow of the amounts", "sql", *queries)
    assert "MAX(amount)" in draft.code


def test_what_the_model_and_the_words_come_to_alike_is_certain(write: Write) -> None:
    orders = (Hint("orders", "table", ("shop.orders",), start=9),)
    certain = write("How many orders", "sql", "SELECT count(id) AS orders FROM shop.orders", hints=orders)
    assert not certain.explanation.startswith("A model wrote")
    other = write("How many orders", "sql", "SELECT count(*) AS n FROM shop.orders WHERE amount > 5", hints=orders)
    assert other.explanation.startswith("A model wrote")
    read = write("How many orders", "sql", "SELECT nothing FROM shop.orders", hints=orders)
    assert "COUNT(*)" in read.code
    bad = ("SELECT nothing FROM shop.orders", "SELECT no_thing FROM shop.orders")
    unsure = write(
        "How many orders", "sql", *bad, "SELECT count(*) AS n FROM shop.orders WHERE amount > 5", hints=orders
    )
    assert "amount" not in unsure.code


def test_the_questions_model_answers_where_that_for_tasks_writes_nothing_that_will_do(write: Write) -> None:
    strange = "SELECT customers.name FROM shop.customers JOIN shop.orders ON customers.id = orders.id"
    answer = "FROM shop.orders SELECT customer_id, sum(amount) GROUP BY ALL"
    draft = write("Glowing customers and amounts", "sql", strange, answer=answer)
    assert "SUM(amount)" in draft.code
    assert draft.explanation.startswith("A model wrote this query")


def test_without_a_model_for_tasks_only_what_is_understood_is_written(write: Write) -> None:
    assert write("The amounts that make customers glow", "sql").reply == "unsure"


def test_numbers_are_rounded_as_the_task_says(write: Write) -> None:
    mean = "SELECT customer_id, avg(amount) AS mean, count(*) AS n FROM shop.orders GROUP BY 1"
    code = write("Glowing mean amount per customer, to one decimal, and n", "sql", mean).code
    assert "ROUND(AVG(amount), 1)" in code
    assert "ROUND(COUNT" not in code


def test_what_may_not_be_seen_is_refused(write: Write) -> None:
    with pytest.raises(Forbidden):
        write("SQL for the balance of Zork", "sql", hints=(), unknown=("Zork",))


def test_a_feature_view_of_what_is_linked(write: Write) -> None:
    text = "Feature view per customer: number of orders and total amount over 7 and 30 days, only paid, owner a@b.org"
    draft = write(text, "feature", hints=(*ORDERS, PAID))
    names: dict[str, object] = {}
    exec(draft.code, names)
    view = names["customer_orders"]
    assert vars(view) | {"features": None} == {
        "name": "customer_orders", "entity": "customer", "keys": ("customer_id",), "source": "shop.orders",
        "time": "placed_at", "features": None, "filter": "status = 'paid'", "known_at": "", "delay": "0s", "ttl": "30d",
        "owner": "a@b.org", "description": text.removesuffix(", owner a@b.org"),
    }  # fmt: skip
    assert [(f.name, f.function, f.expression, f.over, f.unit) for f in vars(view)["features"]] == [
        ("orders", "count", "", ("7d", "30d"), ""),
        ("total_amount", "sum", "amount", ("7d", "30d"), "USD"),
    ]


def test_features_of_nobody_in_particular_are_asked_back(write: Write) -> None:
    draft = write("Feature view: total amount over 7 days", "feature")
    assert draft.reply == "clarify"
    assert "customer_id" in draft.question


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "Stream the Kafka topic shop.totals into lab.totals, schema schemas/total.json, latest per customer",
            {"name": "totals", "topic": "shop.totals", "format": "json", "schema": "schemas/total.json",
             "target": "lab.totals", "mode": "upsert", "key": "customer_id"},
        ),
        (
            "Append events of topic sums (schemas/sum.avsc) to lab.totals",
            {"name": "sums", "topic": "sums", "format": "avro", "schema": "schemas/sum.avsc", "target": "lab.totals",
             "mode": "append"},
        ),
    ],
)  # fmt: skip
def test_a_stream_of_what_is_named(write: Write, text: str, made: dict[str, str]) -> None:
    assert yaml.safe_load(write(text, "stream", hints=()).code) == {"streams": [made]}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Stream something into lab.totals", "From which topic"),
        ("Land topic sums, schema s.json", "lab.totals"),
        ("Land topic sums in shop.orders, schema s.json", "Into which table"),
        ("Land topic sums in lab.totals", "Which file has the schema"),
        ("Upsert topic sums into lab.totals, schema s.json", "By which column"),
    ],
)
def test_a_stream_of_which_something_is_missing_is_asked_back(write: Write, text: str, asked: str) -> None:
    draft = write(text, "stream", hints=())
    assert draft.reply == "clarify"
    assert asked in draft.question


def test_features_that_nothing_is_known_of(write: Write) -> None:
    assert write("Feature view per customer: average mood over 7 days", "feature", hints=()).reply == "unsure"
    assert write("Something about customers", "feature").reply == "unsure"
