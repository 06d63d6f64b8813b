"""A real Spark Connect server (Sail) in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.federation import open_gateway
from data.gateway import Gateway

SERVER = """
import pyspark, pyspark.version, sys
# Sail refuses clients newer than the ones that it knows, by the version of the package beside it.
pyspark.__version__ = pyspark.version.__version__ = "4.1.1"
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """The address of the server."""
    pytest.importorskip("pysail", reason="Sail is not installed")
    command = [sys.executable, "-W", "ignore", "-c", SERVER]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        yield f"sc://127.0.0.1:{int(server.stdout.readline())}"
        server.kill()


@pytest.fixture(scope="session")
def both(lakehouse: Path, sail: str) -> Iterator[Gateway]:
    """The small lakehouse with both engines."""
    gateway = open_gateway(lakehouse, threads=1, spark=sail)
    yield gateway
    gateway.close()
