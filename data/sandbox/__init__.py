"""Runs a generated program as if an attacker had written it: apart from everything but the gateway's answers."""

from __future__ import annotations

from data.sandbox.program import Chart, Fault, Limits, Outcome, Program, Wall
from data.sandbox.sandbox import Sandbox

__all__ = ["Chart", "Fault", "Limits", "Outcome", "Program", "Sandbox", "Wall"]
