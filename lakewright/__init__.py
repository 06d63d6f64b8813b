"""Lakewright for Python users: a client of a Lakewright server."""

__version__ = "0.1.0"
