"""Lakewright for Python users: a client of a Lakewright server, and a notebook magic."""

from typing import Any

__version__ = "0.1.0"


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext lakewright` does in a notebook."""
    from lakewright import magic

    magic.load_ipython_extension(shell)
