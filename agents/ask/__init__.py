"""The agent that answers a question from governed rows."""
