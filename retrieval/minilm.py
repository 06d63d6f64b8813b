"""MiniLM as LlamaIndex wants an embedding model."""

from __future__ import annotations

from typing import Any

from llama_index.core.embeddings import BaseEmbedding
from pydantic import PrivateAttr

from retrieval.embedding import MiniLM


class MiniLMEmbedding(BaseEmbedding):
    """Sentences to their vectors."""

    _model: MiniLM = PrivateAttr()

    def __init__(self, model: MiniLM, **settings: Any) -> None:
        super().__init__(model_name="all-MiniLM-L6-v2", **settings)
        self._model = model

    def _get_query_embedding(self, query: str) -> list[float]:
        return [float(x) for x in self._model.encode_cached(query)]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_query_embedding(text)

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [[float(x) for x in row] for row in self._model.encode(texts)]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)
