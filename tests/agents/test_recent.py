"""Questions about the last minutes: the range that is asked for, and how fresh what was read is.

The clock stands still, and the commits of the Delta tables are dated by it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import CommitProperties, write_deltalake

from agents.answers import AnswerStore
from agents.approved import ApprovedQueries
from agents.ask import prompts, recency
from agents.ask.freshness import age, told
from agents.ask.graph import Ask
from agents.ask.state import Answer
from agents.endpoints.scripted import scripted
from agents.grammar import lark
from agents.grammar.acceptance import matches
from agents.replay import replay
from data.federation import open_gateway
from data.gateway import Gateway
from data.policy import Principal
from retrieval import Context
from retrieval.hints import Hint
from retrieval.linker import Linker
from retrieval.values import ValueIndex

NOW = datetime(2026, 3, 3, 12, 20, 30, 500_000, tzinfo=UTC)
CATALOG = """
version: 1
sources:
  - name: cash
    kind: delta
    location: cash
    description: Wallets, loaded every night.
    tables:
      - name: transfers
        description: Money sent.
        key: transfer_id
        time: created_at
        columns: &transfers
          - {name: transfer_id, type: BIGINT, description: Identifier.}
          - {name: amount, type: DOUBLE, description: Amount.}
          - {name: status, type: VARCHAR, description: Outcome.}
          - {name: created_at, type: TIMESTAMP, description: When it was sent.}
  - name: live
    kind: delta
    location: live
    description: Events as they come.
    tables:
      - {name: transfers, description: Money sent., key: transfer_id, time: created_at, columns: *transfers}
      - name: clicks
        description: A click.
        key: click_id
        columns:
          - {name: click_id, type: BIGINT, description: Identifier.}
          - {name: clicked_at, type: TIMESTAMPTZ, description: When.}
      - name: songs
        description: A song.
        key: song_id
        columns:
          - {name: song_id, type: BIGINT, description: Identifier.}
          - {name: released_on, type: DATE, description: Day of release., synonyms: [came out]}
relationships: []
"""
POLICY = """
version: 1
principals: [{name: owner, groups: [owners]}]
grants: [{to: owners, on: "*"}]
"""
AGES = [5, 60, 7 * 60, 25 * 60, 2 * 3600, 5 * 3600, 20 * 3600, 30 * 3600]
"""How long ago the live transfers were sent, in seconds."""


def commit(folder: Path, table: pa.Table, ago: timedelta, metadata: dict[str, str] | None = None) -> None:
    """Write a Delta table whose commit was made so long before NOW."""
    write_deltalake(folder, table, commit_properties=CommitProperties(custom_metadata=metadata or {}))
    log = folder / "_delta_log" / f"{0:020}.json"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        if "commitInfo" in line:
            line["commitInfo"]["timestamp"] = int((NOW - ago).timestamp() * 1000)
    log.write_text("\n".join(map(json.dumps, lines)))


def transfers(ages: list[int]) -> pa.Table:
    at = [(NOW - timedelta(seconds=seconds)).replace(tzinfo=None) for seconds in ages]
    return pa.table(
        {
            "transfer_id": list(range(len(ages))),
            "amount": [10.0 * (i + 1) for i in range(len(ages))],
            "status": ["failed" if i % 2 else "completed" for i in range(len(ages))],
            "created_at": pa.array(at, pa.timestamp("us")),
        }
    )


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    home = tmp_path_factory.mktemp("live")
    (home / "catalog.yaml").write_text(CATALOG)
    (home / "policy.yaml").write_text(POLICY)
    whole = {"lakewright.watermark": (NOW - timedelta(seconds=40)).isoformat()}
    commit(home / "cash/transfers", transfers([30 * 3600]), timedelta(hours=9))
    commit(home / "live/transfers", transfers(AGES), timedelta(seconds=12), whole)
    at = pa.array([NOW - timedelta(minutes=1), NOW - timedelta(hours=1)], pa.timestamp("us", tz="UTC"))
    commit(home / "live/clicks", pa.table({"click_id": [1, 2], "clicked_at": at}), timedelta(minutes=3))
    days = pa.table({"song_id": [1], "released_on": pa.array([NOW.date()], pa.date32())})
    commit(home / "live/songs", days, timedelta(seconds=3))
    gateway = open_gateway(home, threads=1)
    yield gateway
    gateway.close()


@dataclass
class Linked:
    """A retriever that links by names alone, with a clock that stands still."""

    gateway: Gateway

    def retrieve(self, principal: Principal, question: str) -> Context:
        catalog = self.gateway.askable(principal)
        changed: Callable[[str], datetime | None] = lambda name: self.gateway.changed(catalog.table(name))  # noqa: E731
        values = ValueIndex({"live.transfers": {"status": ["completed", "failed"]}})
        link = Linker(catalog, values, lambda said: [() for _ in said], lambda: NOW, changed).link(question)
        return Context(question, catalog, link.hints, link.unknown, link.now)


@pytest.fixture
def owner(gateway: Gateway) -> Principal:
    return gateway.policy.principal("owner")


@pytest.fixture
def asked(gateway: Gateway, owner: Principal, tmp_path: Path) -> Iterator[Callable[..., Answer]]:
    """Ask a question of a model that gives these replies."""
    made: list[Ask] = []
    answers, approved = AnswerStore(tmp_path / "answers.sqlite"), ApprovedQueries(tmp_path / "approved.sqlite")

    def ask(question: str, *replies: str, instruct: bool = False) -> Answer:
        model = scripted(*replies, instruct=instruct, grammar=not instruct)
        threads = tmp_path / "threads.sqlite"
        made.append(Ask(gateway, Linked(gateway), {"m": lambda: model}, approved, threads, answers))  # type: ignore[arg-type, dict-item]
        return made[-1].run(owner, question)

    yield ask
    for one in made:
        one.close()


def context(gateway: Gateway, question: str) -> Context:
    return Linked(gateway).retrieve(gateway.policy.principal("owner"), question)


def ranged(hint: Hint, column: str = "created_at", zone: str = "") -> str:
    """The period as the grammar writes it."""
    pairs = zip((">=", "<"), hint.literals, strict=True)
    return " AND ".join(f"{column} {sign} '{text}{zone}'" for sign, text in pairs if text)


def period(found: Context) -> Hint:
    (hint,) = (hint for hint in found.hints if hint.kind == "time")
    return hint


QUESTIONS = [
    ("How many transfers in the last five minutes?", 2),
    ("How many transfers were made over the past 2 hours?", 5),
    ("How many transfers since 10 minutes ago?", 3),
    ("How many transfers in the last half hour?", 4),
    ("How many transfers in the last half an hour?", 4),
    ("How many transfers in the last 90 seconds?", 2),
    ("How many transfers in the last 10 s?", 1),
    ("How many transfers this hour?", 3),
    ("How many transfers in the current hour?", 3),
    ("How many transfers came in just now?", 2),
    ("How many transfers in the last minute?", 2),
    ("How many transfers in the past hour?", 4),
    ("How many transfers within the last 30 min?", 4),
    ("How many transfers in the last few minutes?", 2),
    ("How many transfers in the last couple of hours?", 5),
    ("How many transfers in the last twenty-five minutes?", 4),
    ("How many transfers in the last quarter of an hour?", 3),
    ("How many transfers in the last 24 hours?", 7),
    ("How many transfers in the last 48 hours?", 8),
    ("How many transfers less than an hour ago?", 4),
    ("How many transfers more than 3 hours ago?", 3),
    ("How many transfers until 10 minutes ago?", 5),
    ("How many transfers between 30 and 5 minutes ago?", 2),
    ("How many transfers between one hour ago and 10 minutes ago?", 1),
    ("How many transfers since half an hour ago?", 4),
    ("How many transfers in the previous hour?", 1),
    ("How many transfers in the last 5m?", 2),
    ("Transfers during the last ten minutes: how many?", 3),
]


@pytest.mark.parametrize(("question", "count"), QUESTIONS)
def test_an_answer_is_about_the_period_that_was_asked_for(gateway, asked, question, count) -> None:
    found = context(gateway, question)
    sql = f"FROM live.transfers SELECT count(*) WHERE {ranged(period(found))}"
    answer = asked(question, sql)
    assert (answer.status, answer.rows, answer.error) == ("answered", [[count]], None)
    assert period(found).text == f"{period(found).span} = {period(found).text.split(' = ')[1]}"
    grammar = lark(found)
    for end in period(found).literals:
        assert not end or f"'{end}'" in grammar
    assert "live.transfers" in grammar


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("How many transfers today?", 6),
        ("How many transfers so far today?", 6),
        ("How many transfers since midnight?", 6),
        ("How many transfers yesterday?", 2),
        ("How many transfers since yesterday?", 8),
        ("How many transfers in the last 7 days?", 8),
        ("How many transfers this week?", 8),
        ("How many transfers a day ago?", 2),
    ],
)
def test_days_are_days_in_utc(gateway, asked, question, count) -> None:
    found = context(gateway, question)
    assert not period(found).brief
    answer = asked(question, f"FROM live.transfers SELECT count(*) WHERE {ranged(period(found))}")
    assert answer.rows == [[count]]


def test_the_grammar_leaves_no_way_around_the_period(gateway) -> None:
    found = context(gateway, "How many failed transfers in the last five minutes?")
    grammar, head = lark(found), "FROM live.transfers SELECT count(*)"
    within = ranged(period(found))
    since, _, until = within.partition(" AND ")
    assert matches(grammar, f"{head} WHERE {within} AND status = 'failed'")
    assert matches(grammar, f"{head} WHERE status = 'failed' AND {within}")
    assert matches(
        grammar,
        f"FROM live.transfers SELECT 100.0 * count(*) FILTER (WHERE status = 'failed') / count(*) WHERE {within}",
    )
    for less in (
        "",
        f" WHERE {since}",
        f" WHERE {until}",
        " WHERE status = 'failed'",
        " FILTER (WHERE status = 'failed')",
    ):
        assert not matches(grammar, head + less)


def test_a_column_with_a_zone_is_compared_with_one(gateway, asked) -> None:
    question = "How many clicks in the last five minutes?"
    found = context(gateway, question)
    assert f"'{period(found).literals[0]}+00'" in lark(found)
    answer = asked(question, f"FROM live.clicks SELECT count(*) WHERE {ranged(period(found), 'clicked_at', '+00')}")
    assert answer.rows == [[1]]
    assert "is from 2026-03-03 12:15:30 UTC and before 2026-03-03 12:20:31 UTC" in answer.answer


def test_the_model_reads_days_where_minutes_are_meant(gateway) -> None:
    found = context(gateway, "How many transfers in the last five minutes?")
    assert prompts.user(found.question, found.hints) == (
        "How many transfers on 2026-03-03?\ntransfers = live.transfers; on 2026-03-03 = >= 2026-03-03 < 2026-03-04"
    )


def test_minutes_are_not_looked_for_among_days(asked) -> None:
    answer = asked("How many songs came out in the last five minutes?")
    assert (answer.status, answer.sql, answer.rows) == ("clarify", "", [])
    assert "“in the last five minutes” can't be told: live.songs.released_on holds days" in answer.answer
    today = asked("How many songs came out today?", "FROM live.songs SELECT count(*) WHERE released_on = '2026-03-03'")
    assert today.rows == [[1]]


@pytest.mark.parametrize(
    "sql",
    [
        "FROM live.transfers SELECT count(*)",
        "FROM live.transfers SELECT count(*) WHERE created_at >= '2026-03-03 12:15:30'",
        "FROM live.transfers SELECT count(*), '2026-03-03 12:15:30' AS a, '2026-03-03 12:20:31' AS b",
        "FROM live.songs SELECT count(*) WHERE released_on BETWEEN '2026-03-03 12:15:30' AND '2026-03-03 12:20:31'",
    ],
)
def test_sql_of_another_period_is_mended_or_refused(asked, sql) -> None:
    right = (
        "SELECT count(*) FROM live.transfers WHERE created_at BETWEEN TIMESTAMP '2026-03-03T12:15:30' "
        "AND TIMESTAMP '2026-03-03 12:20:31'"
    )
    question = "How many transfers in the last five minutes?"
    mended = asked(question, *(f"```sql\n{text}\n```" for text in (sql, right)), instruct=True)
    assert (mended.status, mended.attempts, mended.rows) == ("answered", 2, [[2]])
    refused = asked(question, *[f"```sql\n{sql}\n```"] * 3, instruct=True)
    assert (refused.status, refused.rows) == ("failed", [])
    assert "in the last five minutes" in refused.answer


def test_what_was_read_says_how_fresh_it_is(gateway, asked) -> None:
    question = "How many transfers in the last five minutes?"
    answer = asked(question, f"FROM live.transfers SELECT count(*) WHERE {ranged(period(context(gateway, question)))}")
    assert answer.answer.endswith(
        ": 2. live.transfers has data up to 2026-03-03 12:20:18 UTC, 12 s old when read, "
        "whole up to 2026-03-03 12:19:50 UTC."
    )
    (source,) = answer.as_json()["sources"]
    assert source["age_seconds"] == pytest.approx(12, abs=1e-3)
    assert (source["table"], source["watermark"]) == ("live.transfers", "2026-03-03T12:19:50.500000+00:00")
    assert json.loads(json.dumps(source)) == source


def test_rows_that_may_be_on_their_way_are_said(gateway, asked) -> None:
    question = "How many transfers in the last 20 seconds?"
    answer = asked(question, f"FROM live.transfers SELECT count(*) WHERE {ranged(period(context(gateway, question)))}")
    assert answer.answer.endswith("Rows of the last 20 seconds may still be on their way.")


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ("in the last five minutes", "the last five minutes"),
        ("over the past 2 hours", "the past 2 hours"),
        ("last 5 min", "the last 5 min"),
        ("since 10 minutes ago", "what came since 10 minutes ago"),
        ("just now", "what came just now"),
        ("in April 2026", "April 2026"),
    ],
)
def test_a_period_that_a_table_is_too_old_for_is_no_plain_zero(gateway, asked, said, subject) -> None:
    question = f"How many transfers {said}?"
    sql = f"FROM cash.transfers SELECT count(*) WHERE {ranged(period(context(gateway, question)))}"
    answer = asked(question, sql)
    assert answer.rows == [[0]]
    assert (
        "The newest data of cash.transfers is from 2026-03-03 03:20:30 UTC, 9 h before the question, "
        f"so {subject} can't be in it yet."
    ) in answer.answer


def test_an_answer_without_rows_says_it_too(gateway, asked) -> None:
    question = "Which transfers in the last hour?"
    sql = f"FROM cash.transfers SELECT transfer_id WHERE {ranged(period(context(gateway, question)))}"
    answer = asked(question, sql)
    assert (answer.status, "can't be in it yet" in answer.answer) == ("empty", True)


def test_a_question_about_older_times_needs_no_such_words(gateway, asked) -> None:
    question = "How many transfers in March 2026?"
    answer = asked(question, f"FROM cash.transfers SELECT count(*) WHERE {ranged(period(context(gateway, question)))}")
    assert answer.answer.endswith(": 1.")


def test_a_replay_gives_the_same_rows(gateway, owner, asked, tmp_path) -> None:
    question = "How many transfers in the last five minutes?"
    answer = asked(question, f"FROM live.transfers SELECT count(*) WHERE {ranged(period(context(gateway, question)))}")
    again = replay(AnswerStore(tmp_path / "answers.sqlite"), gateway, owner, answer.answer_id)
    assert (again.identical, again.changed, again.rows) == (True, [], [[2]])
    assert again.sources[0]["watermark"] == NOW - timedelta(seconds=40)


@pytest.mark.parametrize(
    ("question", "tables"),
    [
        ("How many transfers in the last five minutes?", ("live.transfers",)),
        ("How many transfers in the last 24 hours?", ("live.transfers",)),
        ("How many transfers in the last 3 seconds?", ("live.transfers",)),
        ("How many transfers in the last 48 hours?", ("cash.transfers", "live.transfers")),
        ("How many transfers more than an hour ago?", ("cash.transfers", "live.transfers")),
        ("How many transfers in January 2026?", ("cash.transfers", "live.transfers")),
    ],
)
def test_of_two_tables_of_one_name_the_one_that_is_fresh_enough_is_meant(gateway, question, tables) -> None:
    (hint,) = (hint for hint in context(gateway, question).hints if hint.kind == "table")
    assert hint.targets == tables


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (59.9, "59 s"), (60, "1 min"), (7199, "1 h"), (86_400, "1 day"), (200_000, "2 days")],
)
def test_ages_in_words(seconds: float, words: str) -> None:
    assert age(seconds) == words


def test_freshness_in_words() -> None:
    at = "2026-03-03T13:20:18+01:00"
    assert told({"freshness": at, "age_seconds": 12.4}) == "data up to 2026-03-03 12:20:18 UTC, 12 s old when read"
    assert told({"freshness": at, "watermark": at}) == (
        "data up to 2026-03-03 12:20:18 UTC, whole up to 2026-03-03 12:20:18 UTC"
    )
    assert told({"freshness": None}) == ""


def test_only_the_first_period_decides(gateway) -> None:
    """As in the grammar: of several periods one has to be asked for."""
    found = context(gateway, "How many transfers in March 2026 or in the last five minutes?")
    assert recency.brief(found) is None


@pytest.mark.parametrize(
    ("question", "sql", "newest"),
    [
        ("How many clicks in the last 30 seconds?", "count(*)", "2026-03-03 12:19:30 UTC"),
        ("Which clicks came in the last 30 seconds?", "click_id", "2026-03-03 12:19:30 UTC"),
    ],
)
def test_where_nothing_is_found_the_newest_row_is_told(gateway, asked, question, sql, newest) -> None:
    where = ranged(period(context(gateway, question)), "clicked_at", "+00")
    answer = asked(question, f"FROM live.clicks SELECT {sql} WHERE {where}")
    assert answer.answer.endswith(f" The newest row of live.clicks that you may see is from {newest}.")


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("How many transfers today?", "AND status = 'gone'"),
        ("How many transfers in the last five minutes?", "AND status = 'gone'"),
        ("How many transfers in March 2020?", ""),
        ("How many transfers in the last five minutes?", ""),
    ],
)
def test_where_rows_go_on_no_newest_row_is_told(gateway, asked, question, rest) -> None:
    where = ranged(period(context(gateway, question)))
    answer = asked(question, f"FROM live.transfers SELECT count(*) WHERE {where} {rest}")
    assert "newest row" not in answer.answer


def test_days_that_the_rows_have_not_reached_are_told(gateway, asked) -> None:
    question = "How many transfers today?"
    answer = asked(question, f"FROM cash.transfers SELECT count(*) WHERE {ranged(period(context(gateway, question)))}")
    assert answer.answer.endswith(
        ": 0. The newest row of cash.transfers that you may see is from 2026-03-02 06:20:30 UTC."
    )


@pytest.mark.parametrize(
    ("said", "told", "meaning"),
    [
        ("in the last 7 days", "since 2026-02-24", ">= 2026-02-24 < 2026-03-04"),
        ("today", "on 2026-03-03", ">= 2026-03-03 < 2026-03-04"),
        ("last month", "since 2026-02-01", ">= 2026-02-01 < 2026-03-01"),
        ("since 10 minutes ago", "since 2026-03-03", ">= 2026-03-03"),
        ("until 10 minutes ago", "before 2026-03-03", "< 2026-03-03"),
        ("in the last quarter of 2025", "in the last quarter of 2025", ">= 2025-10-01 < 2026-01-01"),
        ("past 2024", "past 2024", ">= 2025-01-01"),
    ],
)
def test_the_model_reads_dates_where_a_period_is_counted_from_now(gateway, said, told, meaning) -> None:
    found = context(gateway, f"How many clicks {said}?")
    question, hints = prompts.user(found.question, found.hints).splitlines()
    assert question == f"How many clicks {told}?"
    assert hints == f"clicks = live.clicks; {told} = {meaning}"
