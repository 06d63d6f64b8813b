"""The search over the passages that some people may read, and over no others: what is hidden has no weight in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import PrivateAttr

from retrieval.documents.passage import Found, Passage
from retrieval.embedding import MiniLM, Vectors
from retrieval.fusion import fused

TOP = 12


class Sense(BaseRetriever):
    """The nodes whose vectors are nearest to the question's."""

    _nodes: Sequence[TextNode] = PrivateAttr()

    def __init__(self, nodes: Sequence[TextNode], vectors: Vectors, model: MiniLM) -> None:
        super().__init__()
        self._nodes, self._vectors, self._model = nodes, vectors, model

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        scores = self._vectors @ self._model.encode_cached(query_bundle.query_str)
        best = scores.argsort()[::-1][:TOP]
        return [NodeWithScore(node=self._nodes[i], score=float(scores[i])) for i in best]


class Search:
    """Passages by sense and by words."""

    def __init__(self, passages: Sequence[Passage], vectors: Vectors, model: MiniLM) -> None:
        self.passages = passages
        self._vectors, self._model = vectors, model
        nodes = [TextNode(id_=str(i), text=f"{p.heading}\n{p.text}") for i, p in enumerate(passages)]
        self._fused: Any = fused(Sense(nodes, vectors, model), nodes, TOP) if nodes else None

    def find(self, question: str, top: int = 5) -> list[Found]:
        """The passages that fit best, best first."""
        if self._fused is None:
            return []
        asked = self._model.encode_cached(question)
        places = [int(found.node.node_id) for found in self._fused.retrieve(question)[:top]]
        return [Found(self.passages[i], float(self._vectors[i] @ asked)) for i in places]
