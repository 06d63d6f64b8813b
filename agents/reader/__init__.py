"""A request read without a model: its linked words are put together by a grammar of what is asked of tables.

What is read as a whole, each word of it, becomes a query that says just that; of anything else there is none, so that
a model is asked. Nothing is guessed: a word that names nothing, or two things, ends the reading.
"""

from agents.reader.frame import Classes
from agents.reader.listed import read_listed, text_of
from agents.reader.reader import meant, read
from agents.reader.wanted import Cell, Made

__all__ = ["Cell", "Classes", "Made", "meant", "read", "read_listed", "text_of"]
