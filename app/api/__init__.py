"""The HTTP API: questions, queries and the catalogue, each under the rights of the token's principal."""
