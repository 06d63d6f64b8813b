"""Served parity: whether what serves a model computes what its trainer computed, and if not, what is off."""

from finetune.parity.measure import Parity, check, forms
from finetune.parity.prompt import Prompt, Recorder, spread

__all__ = ["Parity", "Prompt", "Recorder", "check", "forms", "spread"]
