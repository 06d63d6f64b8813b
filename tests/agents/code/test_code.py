"""A task goes every way there is: with a model that says what a script tells it."""

from __future__ import annotations

from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from agents.code.abort import Abort
from agents.code.coder import Coder, settled
from agents.code.nodes import NODES
from agents.code.seats import Seats
from agents.code.state import Attempt, Delivery, Step
from agents.endpoints.scripted import ScriptedChat, scripted
from data import lake
from data.errors import Busy, Invalid, NotFound, Unavailable
from data.gateway import Gateway
from data.policy import Principal
from tests.agents.code.conftest import Make

TOTALS = "SELECT customer_id, sum(amount) AS total FROM shop.orders GROUP BY customer_id"
GOOD = f"```sql\n{TOTALS}\n```\nIt adds up the orders of each customer."
PYTHON = """\
```python
import lakehouse
import polars as pl

orders = lakehouse.polars("shop.orders")
result = orders.group_by("customer_id").agg(pl.col("amount").sum().alias("total"))
```
```sql
SELECT customer_id, sum(amount) AS total FROM shop.orders GROUP BY customer_id
```
Totals by customer."""


def told(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def names(delivery: Delivery) -> dict[str, str]:
    return {check.name: check.verdict for check in delivery.checks}


def test_a_first_try_is_delivered_with_all_that_goes_with_it(coder: Make, ann: Principal, gateway: Gateway) -> None:
    events = list(coder(scripted(GOOD)).stream(ann, "Total by customer", language="sql", expects=("total",)))
    steps = [step.name for step in told(events, Step)]
    assert steps == ["prepare", "write", "check", "run", "compare", "judge", "deliver"]
    delivery = events[-1]
    assert (delivery.status, delivery.code, len(delivery.attempts)) == ("delivered", TOTALS, 1)
    assert delivery.explanation == "It adds up the orders of each customer."
    assert sorted(delivery.result["rows"]) == [[1, 12.5], [2, 7.0], [3, 1.0]]
    assert [source["table"] for source in delivery.sources] == ["shop.orders"]
    assert set(names(delivery).values()) == {"ok"}
    compile(delivery.tests, "test_it.py", "exec")
    assert "sum(amount)" in delivery.tests
    record = gateway.audit.tail(1)[0]
    assert (record.kind, record.outcome, record.ran) == ("code", "delivered", TOTALS)


def test_an_error_is_mended_with_what_the_gateway_said(coder: Make, ann: Principal) -> None:
    endpoint = scripted("```sql\nSELECT wrong FROM shop.orders\n```", GOOD)
    delivery = coder(endpoint).write(ann, "Total by customer", language="sql")
    assert [attempt.good for attempt in delivery.attempts] == [False, True]
    assert "wrong" in (delivery.attempts[0].error or {})["message"]
    chat = endpoint.chat
    assert isinstance(chat, ScriptedChat)
    assert "'wrong'" in str(chat.history[1][-1].content)


def test_a_result_without_an_expected_column_is_mended(coder: Make, ann: Principal) -> None:
    endpoint = scripted(GOOD, GOOD.replace("total", "spent"))
    delivery = coder(endpoint).write(ann, "Total", language="sql", expects=("spent",))
    assert [attempt.good for attempt in delivery.attempts] == [False, True]
    assert [c.name for c in delivery.attempts[0].checks if c.verdict == "failed"] == ["schema"]


def test_a_program_that_differs_from_its_sql_is_mended(coder: Make, ann: Principal) -> None:
    wrong = PYTHON.replace(".sum()", ".max()")
    delivery = coder(scripted(wrong, PYTHON)).write(ann, "Total", language="python")
    assert delivery.status == "delivered"
    assert [c.name for c in delivery.attempts[0].checks if c.verdict == "failed"] == ["differential"]
    assert names(delivery)["differential"] == "ok"
    assert sorted((delivery.result or {})["rows"]) == [[1, 12.5], [2, 7.0], [3, 1.0]]


def test_tries_come_to_an_end_and_nothing_is_handed_out_as_good(coder: Make, ann: Principal) -> None:
    wrong = [f"```sql\nSELECT wrong{i} FROM shop.orders\n```" for i in range(9)]
    endpoint = scripted(*wrong)
    delivery = coder(endpoint).write(ann, "Total", language="sql")
    assert (delivery.status, delivery.code, delivery.result, delivery.tests) == ("failed", "", None, "")
    assert len(delivery.attempts) == 4
    assert "wrong3" in (delivery.error or {})["message"]


def test_the_same_program_again_ends_the_tries(coder: Make, ann: Principal) -> None:
    wrong = "```sql\nSELECT wrong FROM shop.orders\n```"
    delivery = coder(scripted(wrong, wrong, GOOD)).write(ann, "Total", language="sql")
    assert (delivery.status, len(delivery.attempts)) == ("failed", 1)
    assert "'wrong'" in (delivery.error or {})["message"]


@pytest.mark.parametrize(
    ("language", "reply"),
    [
        ("sql", "```sql\nSELECT balance FROM bank.accounts\n```"),
        ("sql", "```sql\nDROP TABLE shop.orders\n```"),
        ("python", '```python\nimport lakehouse\nresult = lakehouse.table("bank.accounts")\n```'),
        ("pyspark", '```python\nresult = spark.table("bank.accounts")\n```'),
        ("pyspark", '```python\nresult = spark.sql("SELECT id FROM bank.accounts")\n```'),
        ("dbt", "```sql\nSELECT id FROM {{ source('bank', 'accounts') }}\n```"),
    ],
)
def test_what_may_not_be_read_is_refused_before_it_runs(coder: Make, ann: Principal, language: str, reply: str) -> None:
    delivery = coder(scripted(reply)).write(ann, "Balances", language=language)
    assert (delivery.status, delivery.code, delivery.result) == ("forbidden", "", None)
    assert "run" not in [line.partition(":")[0] for line in delivery.log]


def test_a_name_that_is_made_as_it_runs_gives_no_row_either(coder: Make, ann: Principal) -> None:
    sly = '```python\nimport lakehouse\nresult = lakehouse.table("bank" + ".accounts")\n```'
    delivery = coder(scripted(sly, sly)).write(ann, "Balances", language="python")
    assert (delivery.status, delivery.result) == ("forbidden", None)
    assert "bank.accounts" in str(delivery.error)


def test_a_model_may_ask_back_or_give_up(coder: Make, ann: Principal) -> None:
    delivery = coder(scripted("CLARIFY: By month or by year?")).write(ann, "Totals", language="sql")
    assert (delivery.status, delivery.question, delivery.code) == ("clarify", "By month or by year?", "")
    delivery = coder(scripted("UNSURE: There are no planets.")).write(ann, "Planets", language="python")
    assert (delivery.status, delivery.question) == ("unsure", "There are no planets.")


def test_a_model_that_does_not_answer_is_a_failure(coder: Make, ann: Principal) -> None:
    delivery = coder(scripted(Unavailable("The server is away.", "Wait."))).write(ann, "Totals", language="sql")
    assert (delivery.status, delivery.error) == (
        "failed", {"kind": "unavailable", "message": "The server is away.", "remedy": "Wait."},
    )  # fmt: skip


def test_a_program_that_runs_on_is_stopped(coder: Make, ann: Principal) -> None:
    endless = '```python\nimport lakehouse\nwhile True:\n    pass\nresult = lakehouse.table("shop.orders")\n```'
    delivery = coder(scripted(endless, endless)).write(ann, "Totals", language="python")
    assert (delivery.status, delivery.result) == ("timeout", None)


def test_mode_plan_runs_nothing(coder: Make, ann: Principal, gateway: Gateway) -> None:
    delivery = coder(scripted(GOOD)).write(ann, "Total", language="sql", mode="plan")
    assert (delivery.status, delivery.code, delivery.result) == ("planned", TOTALS, None)
    assert names(delivery)["runs"] == "skipped"
    assert [record for record in gateway.audit.tail(20) if record.kind == "query"] == []


def test_mode_ask_runs_what_a_person_allows(coder: Make, ann: Principal, bob: Principal, gateway: Gateway) -> None:
    opened = coder(scripted(GOOD))
    waiting = opened.write(ann, "Total", language="sql", mode="ask")
    assert (waiting.status, waiting.code, waiting.result) == ("approve", TOTALS, None)
    assert waiting.question == "May this program run?"
    assert [record for record in gateway.audit.tail(20) if record.kind == "query"] == []
    with pytest.raises(NotFound):
        opened.resume(bob, waiting.code_id, True)
    assert opened.resume(ann, waiting.code_id).status == "approve"
    done = opened.resume(ann, waiting.code_id, True)
    assert (done.status, len((done.result or {})["rows"])) == ("delivered", 3)
    assert opened.get(ann, waiting.code_id).status == "delivered"


def test_mode_ask_asks_for_each_program(coder: Make, ann: Principal) -> None:
    opened = coder(scripted(GOOD, GOOD.replace("total", "spent")))
    first = opened.write(ann, "Total", language="sql", mode="ask", expects=("spent",))
    second = opened.resume(ann, first.code_id, True)
    assert (second.status, "spent" in second.code) == ("approve", True)
    assert opened.resume(ann, first.code_id, False).status == "denied"


def test_what_is_not_allowed_does_not_run(coder: Make, ann: Principal, gateway: Gateway) -> None:
    opened = coder(scripted(GOOD))
    waiting = opened.write(ann, "Total", language="sql", mode="ask")
    denied = opened.resume(ann, waiting.code_id, False)
    assert (denied.status, denied.result) == ("denied", None)
    assert opened.resume(ann, waiting.code_id, True).status == "denied"
    assert [record for record in gateway.audit.tail(20) if record.kind == "query"] == []


WRITES = f"```sql\nINSERT INTO lab.totals {TOTALS}\n```"


def test_rows_are_written_when_a_person_approves(coder: Make, ann: Principal, home: Path) -> None:
    opened = coder(scripted(WRITES))
    waiting = opened.write(ann, "Keep the totals", language="sql")
    assert (waiting.status, waiting.question) == ("approve", "May the rows be written to lab.totals?")
    plan = waiting.write_back or {}
    assert len((waiting.result or {})["rows"]) == 3
    assert (plan["table"], plan["mode"], plan["columns"]) == ("lab.totals", "append", ["customer_id", "total"])
    assert lake.read(home / "lab" / "totals").num_rows == 1
    done = opened.resume(ann, waiting.code_id, True)
    assert (done.status, (done.write_back or {})["rows"]) == ("written", 3)
    assert opened.resume(ann, waiting.code_id, True).status == "written"
    assert lake.read(home / "lab" / "totals").num_rows == 4


@pytest.mark.parametrize("at", ["review", "commit", "deliver"])
def test_a_write_that_was_broken_off_is_carried_out_once(coder: Make, ann: Principal, home: Path, at: str) -> None:
    opened = coder(scripted(WRITES))
    waiting = opened.write(ann, "Keep the totals", language="sql")
    for event in opened.follow(ann, waiting.code_id, True):
        if isinstance(event, Step) and event.name == at:
            break
    opened.close()
    again = coder(scripted())
    assert again.resume(ann, waiting.code_id, True).status == "written"
    assert lake.read(home / "lab" / "totals").num_rows == 4


def test_what_was_approved_and_broken_off_is_not_silently_denied(coder: Make, ann: Principal, home: Path) -> None:
    opened = coder(scripted(WRITES))
    waiting = opened.write(ann, "Keep the totals", language="sql")
    for event in opened.follow(ann, waiting.code_id, True):
        if isinstance(event, Step) and event.name == "commit":
            break
    with pytest.raises(Invalid, match="approved before"):
        opened.resume(ann, waiting.code_id, False)


def calls(name: str, **arguments: str) -> AIMessage:
    return AIMessage(content="", tool_calls=[{"name": name, "args": arguments, "id": "1"}])


@pytest.mark.parametrize(
    ("call", "mode", "said"),
    [
        (calls("run_sql", sql="SELECT DISTINCT status FROM shop.orders ORDER BY 1"), "run", '[{"status": "open"}'),
        (calls("run_sql", sql="SELECT * FROM bank.accounts"), "run", '"kind": "forbidden"'),
        (calls("run_sql", sql="SELECT status FROM shop.orders"), "ask", "There is no tool 'run_sql'"),
        (calls("search_catalogue", words="orders"), "plan", '"shop.orders": {"id": "BIGINT Identifier."'),
        (calls("search_catalogue", words="accounts"), "run", "shop.customers"),
    ],
)
def test_a_model_looks_around_under_the_rights_of_the_caller(
    coder: Make, ann: Principal, call: AIMessage, mode: str, said: str
) -> None:
    endpoint = scripted(call, GOOD, tools=True)
    coder(endpoint).write(ann, "Total", language="sql", mode=mode)
    chat = endpoint.chat
    assert isinstance(chat, ScriptedChat)
    answer = str(chat.history[1][-1].content)
    assert said in answer
    assert "bank" not in answer or "forbidden" in answer


def test_programs_wait_for_a_place() -> None:
    seats = Seats(most=1, patience=0.01)
    with seats.taken(), pytest.raises(Busy), seats.taken():
        pass
    with seats.taken():
        pass


def test_what_is_refused_only_when_it_runs_is_a_refusal(coder: Make, ann: Principal) -> None:
    """The name is put together by the program, so that its text tells nothing."""
    hidden = '```python\nimport lakehouse\nresult = lakehouse.table(".".join(("bank", "accounts")))\n```'
    delivery = coder(scripted(hidden)).write(ann, "Balances", language="python")
    assert (delivery.status, delivery.code, len(delivery.attempts)) == ("forbidden", "", 1)
    assert "bank.accounts" in (delivery.error or {})["message"]
    assert (delivery.error or {})["remedy"]


def test_rows_that_are_not_approved_are_not_written(coder: Make, ann: Principal, home: Path) -> None:
    opened = coder(scripted(WRITES))
    waiting = opened.write(ann, "Keep the totals", language="sql")
    assert opened.resume(ann, waiting.code_id, False).status == "denied"
    assert lake.read(home / "lab" / "totals").num_rows == 1


def test_without_a_write_grant_nothing_is_even_run(coder: Make, bob: Principal, home: Path) -> None:
    delivery = coder(scripted(WRITES)).write(bob, "Keep the totals", language="sql")
    assert (delivery.status, (delivery.error or {})["kind"]) == ("forbidden", "forbidden")
    assert lake.read(home / "lab" / "totals").num_rows == 1


def test_a_grant_that_has_gone_since_stops_the_write(coder: Make, ann: Principal, home: Path, gateway: Gateway) -> None:
    opened = coder(scripted(WRITES))
    waiting = opened.write(ann, "Keep the totals", language="sql")
    policy = home / "policy.yaml"
    policy.write_text(policy.read_text().partition("writes:")[0])
    gone = opened.resume(gateway.policy.principal("ann"), waiting.code_id, True)
    assert gone.status == "forbidden"
    assert lake.read(home / "lab" / "totals").num_rows == 1


@pytest.mark.parametrize("at", [node.__name__ for node in NODES if node.__name__ not in ("permit", "review", "commit")])
def test_a_task_that_was_broken_off_anywhere_goes_on(
    coder: Make, ann: Principal, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, key = coder(scripted(GOOD)), f"broken at {at}"
    for event in first.stream(ann, "Total", language="sql", key=key):
        if isinstance(event, Step) and event.name == at:
            break
    first.close()
    again = coder(scripted(GOOD))
    delivery = again.write(ann, "Total", language="sql", key=key)
    assert (delivery.status, len(delivery.attempts)) == ("delivered", 1)
    assert again.write(ann, "Total", language="sql", key=key).code_id == delivery.code_id


def test_nobody_waits_for_a_program_that_was_cancelled(coder: Make, ann: Principal) -> None:
    endless = PYTHON.replace("result =", "import time\ntime.sleep(60)\nresult =")
    opened, stop = coder(scripted(endless)), Abort()
    events = opened.stream(ann, "Total", language="python", key="k", stop=stop)
    Timer(2, stop.cancel).start()
    with pytest.raises(Unavailable, match="broken off"):
        list(events)
    [task] = opened.recent(ann)
    assert (task.status, task.attempts) == ("running", ())


def test_a_thread_tells_the_model_of_what_was_delivered(coder: Make, ann: Principal) -> None:
    endpoint = scripted(GOOD, GOOD)
    opened = coder(endpoint)
    opened.write(ann, "Total by customer", language="sql", thread="t")
    opened.write(ann, "The same for paid ones", language="sql", thread="t")
    chat = endpoint.chat
    assert isinstance(chat, ScriptedChat)
    assert "Earlier task: Total by customer" in str(chat.history[1][-1].content)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"language": "cobol"}, "cobol"),
        ({"language": "sql", "mode": "yolo"}, "yolo"),
        ({"language": "sql", "dialect": "klingon"}, "klingon"),
        ({"language": "sql", "key": "k" * 300}, "300"),
        ({"language": "sql", "current": "x" * 60_000}, "60,000"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_words(
    coder: Make, ann: Principal, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        coder(scripted()).write(ann, "Total", **options)


def test_a_program_of_somebody_runs_without_a_model(coder: Make, ann: Principal) -> None:
    opened: Coder = coder(scripted())
    assert opened.run(ann, TOTALS, language="sql").status == "delivered"
    assert opened.run(ann, "SELECT * FROM bank.accounts", language="sql").status == "forbidden"
    failed = opened.run(ann, TOTALS, language="sql", expects=("nothing",))
    assert (failed.status, failed.result) == ("failed", None)
    assert isinstance(failed.attempts[0], Attempt)


HOSTILE = "\x1b]0;x\x07\u202e<script>{{7*7}}</script>"


def test_what_a_program_prints_is_bounded_and_nobody_elses_words(coder: Make, ann: Principal) -> None:
    loud = (
        f'```python\nimport lakehouse\nlakehouse.tables()\nprint({HOSTILE!r} * 5000)\nraise ValueError("no" * 9000)\n'
    )
    endpoint = scripted(f"{loud}result = 1\n```", "UNSURE: no")
    delivery = coder(endpoint).write(ann, "Totals", language="python")
    assert delivery.status == "unsure"
    [attempt] = delivery.attempts
    assert 0 < len(attempt.stdout) <= 8_000
    assert len((attempt.error or {})["message"]) < 3_000


def test_the_delivered_tests_quote_everything(coder: Make, ann: Principal) -> None:
    task = f'"""\nimport os; os.abort()\n"""{HOSTILE}'
    reply = '```sql\nSELECT \'a"""b\' AS "x\'y{0}", id FROM shop.orders\n```'
    delivery = coder(scripted(reply)).write(ann, task, language="sql")
    assert delivery.status == "delivered"
    assert delivery.tests.isascii()
    names: dict[str, Any] = {}
    exec(compile(delivery.tests, "test_it.py", "exec"), names)
    assert (names["TASK"], names["CODE"]) == (task, delivery.code)
    assert names["COLUMNS"] == ["x'y{0}", "id"]


def test_runs_of_blanks_and_of_empty_lines_are_one() -> None:
    assert settled("  the top\t  5 \n\n \n\n  - amount\r\n- status  ") == "the top 5\n\n- amount\n- status"
