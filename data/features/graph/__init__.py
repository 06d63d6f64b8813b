"""Features of entities from whom and what they are connected with: the graph of shared things, at ticks of time."""
