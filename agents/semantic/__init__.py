"""The catalogue in plain words and types, which the trained model reads and writes, and the way back to the stored."""

from agents.semantic.semantic import Semantic

__all__ = ["Semantic"]
