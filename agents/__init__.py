"""Agents that work through the gateway: asking, and the model endpoints that they call."""
