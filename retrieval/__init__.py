"""What the model should read before it writes: the tables, columns and values that a question means."""

from retrieval.retriever import Context, Retriever

__all__ = ["Context", "Retriever"]
