"""Documents that are searched and cited: policies, runbooks and rules, as their readers may see them."""

from retrieval.documents.library import Library
from retrieval.documents.passage import Found, Passage

__all__ = ["Found", "Library", "Passage"]
