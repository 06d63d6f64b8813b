"""A MariaDB server of the tests' own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PASSWORD = "p@ss:w/or d%&'\"\\é"
TABLES = """
CREATE TABLE customers (id int PRIMARY KEY, name varchar(30), balance decimal(12,2), joined timestamp, active boolean)
;INSERT INTO customers VALUES (1, 'Ada', 10.50, '2024-01-01 12:00:00', 1), (2, 'Bo', NULL, '2024-01-02 12:00:00', 0)
;CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int, FOREIGN KEY (customer_id) REFERENCES customers (id))
;INSERT INTO orders VALUES (10, 1), (11, 1), (12, 2)
;CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b))
"""


@dataclass
class Maria:
    """A MariaDB server in a folder, which can be stopped and started again on its port."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        options = [f"--datadir={self.folder}", f"--socket={self.folder}/s", f"--port={self.port}", "--user=root"]
        small = ["--bind-address=127.0.0.1", "--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0"]
        log = self.folder / "log"
        with log.open("ab") as out:
            command = ["mariadbd", "--no-defaults", *options, *small, "--default-time-zone=+02:00"]
            self.process = subprocess.Popen(command, stdout=out, stderr=out)
        for _ in range(400):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail(f"mariadbd does not start: {log.read_text()[-500:]}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def run(self, sql: str) -> None:
        command = ["mariadb", "--no-defaults", "-uroot", f"-S{self.folder}/s", "--default-character-set=utf8mb4"]
        subprocess.run(command, input=sql.encode(), check=True, capture_output=True, timeout=30)


@pytest.fixture(scope="session")
def maria() -> Iterator[Maria]:
    """The server with a small shop and the user `app`; the next test may count on it to be up."""
    if shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None:
        pytest.skip("mariadbd is not on the PATH")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="maria-", ignore_cleanup_errors=True) as folder:
        options = ["--user=root", "--auth-root-authentication-method=normal", "--skip-test-db", f"--datadir={folder}"]
        subprocess.run(["mariadb-install-db", "--no-defaults", *options], check=True, capture_output=True, timeout=60)
        server = Maria(Path(folder), port)
        server.start()
        try:
            literal = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
            server.run(f"CREATE DATABASE shop; CREATE USER 'app'@'%' IDENTIFIED BY '{literal}';")
            server.run("GRANT SELECT ON shop.* TO 'app'@'%';")
            server.run(f"USE shop; SET time_zone = '+00:00'; {TABLES};")
            yield server
        finally:
            server.stop()
