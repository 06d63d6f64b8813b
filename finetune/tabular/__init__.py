"""Models over features: from a recipe to a registered version."""
