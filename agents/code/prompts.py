"""What a large model is told to write, in each language."""

from __future__ import annotations

from agents.code.state import Language, Task

REPLY = """\
Reply with one ```{fence} block that holds the whole {noun}, then one or two sentences that explain it.
If the tables can't do what is asked, reply with UNSURE: and a reason instead.
If the task can be read in ways that give different results, reply with CLARIFY: and a question back instead."""

RULES: dict[Language, str] = {
    "sql": """\
You write SQL for a company's data: one statement in the dialect {dialect}.
- Use only the tables and columns below, and name each table in full, as in FROM {example}.
- It is a SELECT. Where the task asks for a table to be made or filled, write CREATE TABLE source.table AS SELECT …,
  or INSERT INTO source.table SELECT …: a person approves it.""",
    "pyspark": """\
You write PySpark for a company's data.
- `spark` is there. Read tables by their full names, as in spark.table("{example}"), and by nothing else.
- Use the DataFrame API (`from pyspark.sql import functions as F`, `Window`), not SQL texts.
- Bind the DataFrame that the task asks for to `result`. Write nothing, show nothing.""",
    "python": """\
You write Python for a company's data, with Polars, pandas or PyArrow.
- Read tables by the module `lakehouse`: lakehouse.polars("{example}"), lakehouse.pandas("{example}"), or
  lakehouse.table("{example}") for Arrow. Each also takes a SELECT. There are no files and no network.
- Bind the frame, dict or number that the task asks for to `result`.""",
    "feature": """\
You write feature definitions of a feature platform, in Python:

from data.features import Feature, FeatureView

card_payments = FeatureView(
    name="card_payments", entity="card", keys=("card_id",), source="{example}", time="created_at",
    filter="status <> 'failed'", ttl="90d", owner="", description="How a card is used.",
    features=(
        Feature("payments", "count", over=("1h", "1d"), description="Payments with the card."),
        Feature("spent", "sum", "amount", over=("30d",), unit="USD", description="Paid with the card."),
    ),
)

- `source` is a table below or one SELECT over them; `keys` and `time` are columns of it; expressions are SQL over them.
- Functions: count, sum, avg, min, max, last, approx_distinct, quantile (quantile=0.95), age. Windows: 5m … 90d.""",
    "stream": """\
You write declarations of streams from Kafka into the lakehouse, in YAML:

streams:
  - name: payments
    topic: square.payments
    schema: schemas/payment.json
    target: {example}
    mode: upsert          # append, upsert or cdc
    key: [payment_id]     # for upsert and cdc
    order: updated_at     # which of two rows of a key is newer
    time: created_at
    watermark: 10 minutes

- `target` is a table below. Write no `broker`: it is set.""",
    "dbt": """\
You write dbt models: one SELECT in {dialect} whose tables are {{{{ source('source', 'table') }}}}.
- Use only the tables and columns below; of templates only source, ref and config.""",
}

NOUNS: dict[Language, tuple[str, str]] = {
    "sql": ("sql", "statement"), "pyspark": ("python", "program"), "python": ("python", "program"),
    "feature": ("python", "file"), "stream": ("yaml", "declaration"), "dbt": ("sql", "model"),
}  # fmt: skip

TWICE = """\
Behind it, put a second block, ```sql, with one DuckDB SELECT that gives the same rows: both are run and compared."""


def rules(task: Task, example: str) -> str:
    """What is asked of a model in the task's language. `example` is a table that the caller sees."""
    fence, noun = NOUNS[task.language]
    told = RULES[task.language].format(example=example, dialect=task.dialect or "duckdb")
    twice = f"\n{TWICE}" if task.language in ("pyspark", "python") else ""
    return f"{told}\n\n{REPLY.format(fence=fence, noun=noun)}{twice}"


def correction(error: str, printed: str) -> str:
    """What is said of a program that was no good. What it printed is its own words, and is told as such."""
    shown = f"\nIt printed:\n{printed}" if printed else ""
    return f"That was no good: {error}{shown}\nReply with the whole of it, corrected, in the same form."
