"""Prompts that a person picks in their own program."""

from __future__ import annotations

from typing import Any

from mcp.server.fastmcp import FastMCP


def register(server: FastMCP[Any]) -> None:
    """Give the server its prompts. They hold nothing of the data."""

    @server.prompt()
    def explore(topic: str) -> str:
        """See what data there is about a topic, and what could be asked of it."""
        return (
            f"Find out what data there is about: {topic}\n\nCall search_catalog, read the tables that fit as "
            "resources, and tell me in a few lines what they hold, how fresh they are, and five questions that they "
            "can answer."
        )

    @server.prompt()
    def report(question: str) -> str:
        """A short report with its evidence."""
        return (
            f"Write a short report that answers: {question}\n\nUse ask for each part of it. State a number only if a "
            "tool gave it, and name the tables with their versions under the report. Say what could not be answered."
        )

    @server.prompt()
    def onboard(form: str, about: str) -> str:
        """Fill in a form and see what is still missing."""
        return (
            f"Call fill_form with the form {form!r} about {about!r}. Ask me for what is missing, one section at a "
            "time, and call it again with my answers. Then show me all values for review; I sign myself."
        )
