"""Whether a question can be answered from the data at all, and what could not be found."""
