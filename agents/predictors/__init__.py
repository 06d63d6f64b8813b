"""Models over features: what one is made of, how it scores, and where it is kept."""
