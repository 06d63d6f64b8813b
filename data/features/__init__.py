"""Features: declared once, computed alike for training sets, tables of values and the online store."""

from data.features.definition import Feature, FeatureView

__all__ = ["Feature", "FeatureView"]
