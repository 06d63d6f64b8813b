"""Features beside Feast, and the memory that materialising takes."""

from data.features.bench.memory import grow
from data.features.bench.online import compare_online
from data.features.bench.retrieval import compare_retrieval

__all__ = ["compare_online", "compare_retrieval", "grow"]
