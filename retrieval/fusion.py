"""A search by sense and one by words, made one by LlamaIndex."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from llama_index.core.llms.mock import MockLLM
from llama_index.core.retrievers import BaseRetriever, QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.core.schema import BaseNode
from llama_index.retrievers.bm25 import BM25Retriever

logging.getLogger("bm25s").setLevel(logging.WARNING)  # It sets itself to DEBUG.


def fused(sense: BaseRetriever, nodes: Sequence[BaseNode], top: int) -> QueryFusionRetriever:
    """The `top` of the nodes that `sense` finds and that BM25 finds, by their ranks in both."""
    words = BM25Retriever.from_defaults(nodes=list(nodes), similarity_top_k=min(top, len(nodes)))
    return QueryFusionRetriever(
        [sense, words],
        llm=MockLLM(),
        mode=FUSION_MODES.RECIPROCAL_RANK,
        num_queries=1,
        similarity_top_k=top,
        use_async=False,
    )
