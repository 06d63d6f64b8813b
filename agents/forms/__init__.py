"""Filling forms out of the lakehouse: with a source for every value, and a person's signature."""
