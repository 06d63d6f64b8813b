"""Invented businesses, schools and clubs: schemas, rows and words that training questions are drawn over."""

from finetune.worlds.assembly import World, world, worlds

__all__ = ["World", "world", "worlds"]
