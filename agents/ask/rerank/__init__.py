"""Choosing among the queries that a model wrote: which of them does what the question asks?"""
