"""Features: declared once, computed alike for training sets, tables of values and the online store."""

from data.features.definition import Feature, FeatureView
from data.features.graph.definition import ConnectedView, Edges, Marks, Measure

__all__ = ["ConnectedView", "Edges", "Feature", "FeatureView", "Marks", "Measure"]
