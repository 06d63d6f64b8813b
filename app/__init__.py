"""The faces of Lakewright: command line, HTTP API and chat."""
