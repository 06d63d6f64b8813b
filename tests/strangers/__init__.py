"""Databases unlike the demo, to see how questions about a schema that nobody trained for are answered."""
