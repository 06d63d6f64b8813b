"""The OpenAI-compatible routes: agents and model endpoints for any program that speaks that protocol."""
