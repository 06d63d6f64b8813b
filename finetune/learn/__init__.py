"""Learning a source, and from feedback: adapters that go on from the one that answers now."""
