"""Models over tables of features: from labels and features to a version in the registry."""
