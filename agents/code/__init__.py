"""Writing programs over governed data: SQL, PySpark, Python, features, streams and dbt models."""
