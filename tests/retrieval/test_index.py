"""The search over catalogue cards: by sense and by words."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from data.catalog import Catalog
from data.federation import open_gateway
from data.gateway import Gateway
from retrieval.cards import cards, phrases
from retrieval.embedding import MiniLM
from retrieval.graph import distances, neighbours, parents
from retrieval.index import CardIndex
from retrieval.retriever import Retriever, cut


@pytest.fixture(scope="module")
def index(catalog: Catalog, minilm: MiniLM, tmp_path_factory: pytest.TempPathFactory) -> CardIndex:
    return CardIndex(catalog, minilm, tmp_path_factory.mktemp("index"))


@pytest.mark.parametrize(
    ("question", "table"),
    [
        ("streams of Nova", "tidal.plays"),
        ("how often do people listen to songs", "tidal.plays"),
        ("card payments", "shop.payments"),
        ("which shops are there", "shop.merchants"),
        ("musicians by genre", "tidal.artists"),
    ],
)
def test_the_table_that_fits_comes_first(index: CardIndex, question: str, table: str) -> None:
    assert next(iter(index.tables(question))) == table


@pytest.mark.parametrize("question", ["", "🎸", "'; DROP TABLE x; --", "word " * 500])
def test_no_question_is_too_odd(index: CardIndex, catalog: Catalog, question: str) -> None:
    found = index.tables(question)
    assert set(found) <= {table.full_name for table in catalog.tables}
    assert len(found) == len(set(found))


def test_alike_phrases(index: CardIndex) -> None:
    near = index.nearest(["vendors", "listenings", "rhinoceros"])
    assert near[0] == ("shop.merchants",)
    assert near[1:] == [("tidal.plays",), ()]
    assert index.nearest([]) == []


def test_alike_phrases_within_some_tables(index: CardIndex) -> None:
    assert index.nearest(["vendors"], frozenset({"tidal.artists"})) == [()]
    assert index.nearest(["vendors"], frozenset({"shop.merchants"})) == [("shop.merchants",)]


def test_an_index_is_found_again(catalog: Catalog, minilm: MiniLM, tmp_path: Path) -> None:
    first = CardIndex(catalog, minilm, tmp_path).tables("streams")
    again = CardIndex(catalog, minilm, tmp_path)
    assert again.tables("streams") == first
    smaller = CardIndex(cut(catalog, ["shop.payments"]), minilm, tmp_path)
    assert list(smaller.tables("streams")) == ["shop.payments"]
    assert set(smaller.nearest(["streams"])) <= {(), ("shop.payments",)}


def test_more_is_kept_than_goes_into_the_store_at_once(
    catalog: Catalog, minilm: MiniLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = CardIndex(catalog, minilm, tmp_path)
    phrases = [(f"phrase {number}", "tidal.plays") for number in range(index._client.get_max_batch_size() + 2)]
    vectors = np.eye(384, dtype=np.float32)
    monkeypatch.setattr(minilm, "encode", lambda texts: vectors[np.arange(len(texts)) % 384])
    index._phrases = phrases
    assert index._phrase_store.count() == len(phrases)


def test_embeddings_are_of_unit_length_whatever_the_batch(minilm: MiniLM) -> None:
    texts = ["streams", "a much longer text about streams of music", "", "🎸"]
    together = minilm.encode(texts, batch=3)
    assert together.shape == (4, 384)
    assert abs((together**2).sum(1) - 1).max() < 1e-5
    assert max(abs(row - minilm.encode_cached(text)).max() for row, text in zip(together, texts, strict=True)) < 1e-4
    assert minilm.encode([]).shape == (0, 384)


def test_every_table_and_column_has_a_card(catalog: Catalog) -> None:
    targets = [card.target for card in cards(catalog)]
    names = {t.full_name for t in catalog.tables}
    assert set(targets) == names | {f"{t.full_name}.{c.name}" for t in catalog.tables for c in t.columns}
    assert len(targets) == len(set(targets))
    assert ("card payments", "shop.payments") in set(phrases(catalog))
    assert ("entry mode", "shop.payments.entry_mode") in set(phrases(catalog))


def test_tables_that_are_related(catalog: Catalog) -> None:
    assert distances(neighbours(catalog), ["shop.merchants"]) == {"shop.merchants": 0, "shop.payments": 1}
    assert distances(parents(catalog), ["shop.merchants"]) == {"shop.merchants": 0}
    assert distances({}, []) == {}


def test_a_cut_catalogue_keeps_only_what_is_whole(catalog: Catalog) -> None:
    assert cut(catalog, [t.full_name for t in catalog.tables]) == catalog
    small = cut(catalog, ["shop.payments", "tidal.plays", "tidal.artists"])
    assert [t.full_name for t in small.tables] == ["shop.payments", "tidal.artists", "tidal.plays"]
    assert [r.table for r in small.relationships] == ["tidal.plays"]
    assert cut(catalog, []) == Catalog((), ())


@pytest.fixture
def retriever(gateway: Gateway, models: Path, minilm: MiniLM, tmp_path: Path) -> Retriever:
    return Retriever(gateway, models, tmp_path / "index")


def test_a_context_holds_nothing_that_is_hidden(retriever: Retriever, gateway: Gateway) -> None:
    question = "payments of Maple Tea and Sunset Bakery, streams of Nova, emails"
    owner = retriever.retrieve(gateway.policy.principal("owner"), question)
    agent = retriever.retrieve(gateway.policy.principal("agent-ca"), question)
    assert {h.span for h in owner.hints} >= {"payments", "Maple Tea", "Sunset Bakery", "streams", "Nova"}
    assert [t.full_name for t in agent.catalog.tables] == ["shop.merchants"]
    assert {target.rsplit(".", 1)[0] for h in agent.hints if h.kind != "table" for target in h.targets} == {
        "shop.merchants"
    }
    assert [h.literals for h in agent.hints if h.kind == "value"] == [("Maple Tea",)]
    assert "Nova" in agent.unknown


def test_readers_are_shared_only_by_those_who_see_the_same(retriever: Retriever, gateway: Gateway) -> None:
    names = ("owner", "second-owner", "agent-ca", "agent-us")
    owner, second, ca, us = (retriever.reader(gateway.policy.principal(name)) for name in names)
    assert owner is second
    assert len({id(owner), id(ca), id(us)}) == 3


def test_a_new_word_for_a_table_is_understood_at_once(lake: Path, models: Path, minilm: MiniLM, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(lake, home)
    gateway = open_gateway(home, threads=1)
    retriever, owner = Retriever(gateway, models, tmp_path / "index"), gateway.policy.principal("owner")
    assert not retriever.retrieve(owner, "how many frobnicators").linked
    catalog = (home / "catalog.yaml").read_text(encoding="utf-8")
    (home / "catalog.yaml").write_text(catalog.replace("[musicians, bands]", "[musicians, bands, frobnicators]"))
    (hint,) = retriever.retrieve(owner, "how many frobnicators").hints
    assert hint.targets == ("tidal.artists",)
    gateway.close()


def test_nobody_gets_an_empty_context(retriever: Retriever, gateway: Gateway) -> None:
    context = retriever.retrieve(gateway.policy.principal("nobody"), "streams of Nova in 2024")
    assert (context.catalog.tables, context.linked) == ((), False)


def test_a_large_catalogue_is_cut_to_what_fits(
    retriever: Retriever, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.retriever.MOST_TABLES", 2)
    context = retriever.retrieve(gateway.policy.principal("owner"), "streams of Nova")
    assert {t.full_name for t in context.catalog.tables} == {"tidal.plays", "tidal.artists"}
