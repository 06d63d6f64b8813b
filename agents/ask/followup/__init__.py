"""What a remark changes in the question before it, and the query that follows."""
