"""Are the answers of a model the rows that were wanted? Questions in, figures out."""
