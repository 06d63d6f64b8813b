"""Other text-to-SQL programs, in an environment of their own, on the same questions with the same weights."""

from agents.peers.peer import NAMES, WANTED, Peer, provide

__all__ = ["NAMES", "WANTED", "Peer", "provide"]
