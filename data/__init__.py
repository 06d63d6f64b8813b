"""The lakehouse: catalogue, sources, policy, and the one governed door to the data."""
