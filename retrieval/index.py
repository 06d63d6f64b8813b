"""The search index over catalogue cards: MiniLM vectors in Chroma and BM25, fused by LlamaIndex."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings
from chromadb.utils.batch_utils import create_batches
from llama_index.core import VectorStoreIndex
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.vector_stores.chroma import ChromaVectorStore

from data.catalog import Catalog
from retrieval.cards import cards, phrases
from retrieval.embedding import MiniLM
from retrieval.fusion import fused
from retrieval.minilm import MiniLMEmbedding
from retrieval.spans import plain, singular

ALIKE = 0.58
"""Cosine from which two phrases are taken to mean the same: what synonyms reach, and unrelated words seldom do."""
NEAREST = 8
TIED, SAME = 0.05, 0.01
"""How far the others that a phrase may mean stand behind the best; and a table, to be meant rather than columns."""
PLURAL = 0.1
"""The same for a table where the phrase is a plural."""
RELATED = 0.45
"""Cosine from which two phrases may be of one subject."""
FUSED_TOP, SIMILAR_TOP = 12, 50


def chosen(text: str, similar: Sequence[tuple[str, float]], catalog: Catalog) -> tuple[str, ...]:
    """The targets that a phrase may mean, of those that are called alike with their cosines, the best first: tables
    rather than columns where they are nearly as near, or where the phrase is a plural."""
    near = [(target, score) for target, score in similar if score >= ALIKE]
    if not near:
        return ()
    best = near[0][1]
    behind = PLURAL if singular(text) != plain(text) else SAME
    tables = dict.fromkeys(t for t, score in near if t in catalog and best - score <= behind)
    columns = dict.fromkeys(t for t, score in near if t not in catalog and best - score <= TIED)
    return tuple(tables or columns)


class CardIndex:
    """Cards and phrases of one visible catalogue, kept in Chroma under `folder` until they change."""

    def __init__(self, catalog: Catalog, model: MiniLM, folder: Path) -> None:
        self._catalog, self._model = catalog, model
        self._cards = list(cards(catalog))
        self._phrases = list(phrases(catalog))
        settings = Settings(anonymized_telemetry=False)
        self._client = chromadb.PersistentClient(str(folder / "chroma"), settings=settings)

    def tables(self, question: str) -> dict[str, float]:
        """The scores of the tables whose cards fit the question, by their full names, best first."""
        scores: dict[str, float] = defaultdict(float)
        for found in self._fused.retrieve(question):
            scores[str(found.node.metadata["table"])] += found.score or 0.0
        return dict(sorted(scores.items(), key=lambda item: -item[1]))

    def similar(self, said: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each phrase the (table, cosine) of the tables and columns that are called something alike."""
        if not said:
            return []
        vectors = [vector.tolist() for vector in self._model.encode_all_cached(said)]
        found = self._phrase_store.query(
            query_embeddings=vectors, n_results=SIMILAR_TOP, include=["metadatas", "distances"]
        )
        pairs = zip(found["metadatas"] or [], found["distances"] or [], strict=True)
        return [
            [(str(m["table"]), 1 - d) for m, d in zip(metadatas, distances, strict=True) if 1 - d >= RELATED]
            for metadatas, distances in pairs
        ]

    def nearest(self, said: Sequence[str], within: frozenset[str] | None = None) -> list[tuple[str, ...]]:
        """For each phrase the tables or columns (`within` some tables) that are called something alike.

        It is empty where nothing is near.
        """
        if not said:
            return []
        vectors = [vector.tolist() for vector in self._model.encode_all_cached(said)]
        only = {"table": {"$in": sorted(within)}} if within else None
        found = self._phrase_store.query(
            query_embeddings=vectors, n_results=NEAREST, where=only, include=["metadatas", "distances"]
        )
        pairs = zip(found["metadatas"] or [], found["distances"] or [], strict=True)
        return [
            chosen(text, [(str(m["target"]), 1 - d) for m, d in zip(*pair, strict=True)], self._catalog)
            for text, pair in zip(said, pairs, strict=True)
        ]

    @cached_property
    def _phrase_store(self) -> Any:
        texts = [said for said, _ in self._phrases]
        targets = [
            (target, target if target in self._catalog else target.rsplit(".", 1)[0]) for _, target in self._phrases
        ]
        return self._stored("phrases", texts, [{"target": target, "table": table} for target, table in targets])

    @cached_property
    def _fused(self) -> QueryFusionRetriever:
        nodes = [TextNode(id_=card.target, text=card.text, metadata={"table": card.table}) for card in self._cards]
        for node in nodes:
            node.excluded_embed_metadata_keys = ["table"]
        store = self._stored("cards", [card.text for card in self._cards], [self._metadata(n) for n in nodes])
        embedding = MiniLMEmbedding(self._model)
        vector = VectorStoreIndex.from_vector_store(ChromaVectorStore(chroma_collection=store), embed_model=embedding)
        return fused(vector.as_retriever(similarity_top_k=min(FUSED_TOP, len(nodes))), nodes, FUSED_TOP)

    @staticmethod
    def _metadata(node: TextNode) -> dict[str, Any]:
        from llama_index.core.vector_stores.utils import node_to_metadata_dict

        return dict(node_to_metadata_dict(node, remove_text=True, flat_metadata=True))

    def _stored(self, kind: str, texts: list[str], metadatas: list[dict[str, Any]]) -> Any:
        """The Chroma collection of these texts, filled when its content is new."""
        stamp = hashlib.sha256(json.dumps([texts, metadatas], sort_keys=True, default=str).encode()).hexdigest()[:20]
        collection = self._client.get_or_create_collection(
            f"{kind}-{stamp}", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )
        if texts and collection.count() < len(texts):
            ids, vectors = [str(i) for i in range(len(texts))], self._model.encode(texts)
            for batch in create_batches(self._client, ids, vectors, metadatas, texts):
                collection.upsert(*batch)
        return collection
