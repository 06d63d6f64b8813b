"""Forms that are PDF files with an AcroForm: read as a JSON Schema, and filled."""
