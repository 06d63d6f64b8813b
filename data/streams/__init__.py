"""Streams: each event of a Kafka topic lands once in a Delta table, or with its reason among the dead letters."""
