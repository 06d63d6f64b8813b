"""Queries that are put together without a model, from what the words of a question were found to mean."""
