"""What `agents.ask.rerank.judge` has learnt: questions beside queries that answer them, and others that do not."""
