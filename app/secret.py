"""Whether the secret that seals sessions is one: long, mixed, and nobody's example."""

from __future__ import annotations

SHORTEST, DIFFERENT = 32, 10
"""Characters of a secret, and how many of them differ."""
PLACEHOLDERS = ("changeme", "change-me", "change_me", "placeholder", "example", "password", "lakewright")


def complaint(secret: str) -> str:
    """What is wrong with the secret, without quoting it; nothing where it is good."""
    if not secret:
        return "missing"
    if len(secret) < SHORTEST or len(set(secret)) < DIFFERENT:
        return "too short or too plain"
    return "a placeholder" if any(word in secret.lower() for word in PLACEHOLDERS) else ""
