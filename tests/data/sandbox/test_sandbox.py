"""What an honest program gets, and what is left of any."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import site
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest

import data
from data.errors import Invalid, Unavailable
from data.gateway import Gateway
from data.policy import Principal
from data.sandbox import Limits, Outcome, Program, Sandbox, folders
from data.sandbox.envelope import opened
from data.sandbox.frames import Garbled, Reader, packed
from data.sandbox.inside.zygote import PRELOADED
from data.sandbox.sampling import sampled

LIMITS = Limits(seconds=20, memory_mb=256)
ROWS = [{"id": 1, "country": "CA"}, {"id": 3, "country": "CA"}]
SELECT = "lakehouse.sql('SELECT id, country FROM shop.customers ORDER BY id')"


@pytest.fixture(scope="module")
def sandbox(lakehouse: Path, gateway: Gateway) -> Iterator[Sandbox]:
    sandbox = Sandbox(gateway, lakehouse / "runs", LIMITS)
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def agent(gateway: Gateway) -> Principal:
    return gateway.policy.principal("agent-ca")


def rows(outcome: Outcome) -> list[dict[str, Any]]:
    assert outcome.result is not None, outcome
    return outcome.result.to_pylist()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"result = {SELECT}", ROWS),
        (f"result = lakehouse.pandas({SELECT})", ROWS),
        (f"result = lakehouse.polars({SELECT})", ROWS),
        ("result = lakehouse.pandas('shop.customers')[['id', 'country']]", ROWS),
        ("result = lakehouse.polars('shop.customers').lazy().select('id', 'country')", ROWS),
        (f"import duckdb; t = {SELECT}; result = duckdb.sql('FROM t')", ROWS),
        ("result = lakehouse.table('shop.customers').num_rows", [{"result": 2}]),
        ("result = {'a': 1, 'b': None}", [{"a": 1, "b": None}]),
        ("result = {'a': [1, 2], 'b': ['x', 'y']}", [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]),
        ("result = [{'a': 1}, {'b': 2}]", [{"a": 1, "b": None}, {"a": None, "b": 2}]),
        ("import numpy as np; result = np.float64(2.5)", [{"result": 2.5}]),
        ("import numpy as np; result = np.arange(2)", [{"result": 0}, {"result": 1}]),
        ("import pandas as pd; result = pd.Series([1, 1], name='n').value_counts()", [{"n": 1, "count": 2}]),
        ("import polars as pl; result = pl.DataFrame({'c': pl.Series(['q'], dtype=pl.Categorical)})", [{"c": "q"}]),
        ("import pandas as pd; result = pd.DataFrame({'a': [1]}).agg({'a': ['sum']}).T", [{"index": "a", "sum": 1}]),
    ],
)  # fmt: skip
def test_a_result_of_any_kind_becomes_a_table(
    code: str, expected: list[dict[str, Any]], sandbox: Sandbox, agent: Principal
) -> None:
    outcome = sandbox.run(agent, Program(f"import lakehouse\n{code}"))
    assert (outcome.status, outcome.error) == ("ok", None)
    assert rows(outcome) == expected


def test_what_was_read_is_told_and_audited(sandbox: Sandbox, agent: Principal, gateway: Gateway) -> None:
    outcome = sandbox.run(agent, Program(f"import lakehouse\nresult = {SELECT}"))
    owner = gateway.policy.principal("owner")
    (query,) = outcome.queries
    assert outcome.tables == ("shop.customers",)
    gateway.audit.flush()
    found = [record for record in gateway.audit.tail(50) if record.id == query]
    assert [record.principal for record in found] == ["agent-ca"]
    assert owner.name != agent.name


def test_a_failure_names_its_line(sandbox: Sandbox, agent: Principal) -> None:
    outcome = sandbox.run(agent, Program("import lakehouse\n\nlakehouse.table('bank.accounts')"))
    assert outcome.status == "error"
    assert outcome.error is not None
    assert (outcome.error.type, outcome.error.line) == ("LakehouseError", 3)
    assert "bank.accounts" in outcome.error.message
    assert 'File "program.py", line 3' in outcome.stderr


def test_a_trial_reads_some_rows_of_each_table(sandbox: Sandbox, agent: Principal) -> None:
    sql = "SELECT count(*) AS n FROM shop.customers c JOIN shop.orders o ON true"
    code = f"import lakehouse\nresult = lakehouse.sql('{sql}')"
    assert rows(sandbox.run(agent, Program(code))) == [{"n": 6}]
    assert rows(sandbox.run(agent, Program(code, sample=1))) == [{"n": 1}]


@pytest.mark.parametrize("sql", ["SELECT (", "DELETE FROM shop.orders", "SELECT 1; SELECT 2"])
def test_what_is_no_query_is_left_for_the_gateway_to_refuse(sql: str) -> None:
    assert sampled(sql, 3) == sql


def test_a_name_of_a_subquery_is_no_table() -> None:
    sql = sampled("WITH a AS (SELECT * FROM shop.orders) SELECT * FROM a, shop.customers AS c", 3)
    assert sql.count("LIMIT 3") == 2


def test_too_many_rows_are_refused_and_not_cut(sandbox: Sandbox, agent: Principal) -> None:
    code = "import lakehouse\nresult = lakehouse.table('shop.orders')"
    outcome = sandbox.run(agent, Program(code), limits=replace(LIMITS, rows=1))
    assert outcome.error is not None
    assert "1 rows" in outcome.error.message


def test_a_long_result_is_cut_and_says_so(sandbox: Sandbox, agent: Principal) -> None:
    outcome = sandbox.run(agent, Program("result = list(range(50))"), limits=replace(LIMITS, result_rows=7))
    assert (len(rows(outcome)), outcome.truncated) == (7, True)


def test_charts_come_out(sandbox: Sandbox, agent: Principal) -> None:
    code = "chart = {'mark': 'bar', 'data': {'values': [1]}}\nopen('p.png', 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n...')"
    charts = sandbox.run(agent, Program(code)).charts
    assert [(chart.name, chart.kind) for chart in charts] == [("chart", "vega"), ("p.png", "png")]
    assert charts[0].spec == {"mark": "bar", "data": {"values": [1]}}


def test_one_program_leaves_nothing_for_the_next(sandbox: Sandbox, agent: Principal) -> None:
    sandbox.run(agent, Program("import builtins, lakehouse\nbuiltins.left = 1\nopen('left', 'w').write('x')"))
    outcome = sandbox.run(
        agent, Program("import builtins, os\nresult = [hasattr(builtins, 'left'), os.path.exists('left')]")
    )
    assert rows(outcome) == [{"result": False}, {"result": False}]


def test_a_run_can_be_given_up(sandbox: Sandbox, agent: Principal) -> None:
    cancel = threading.Event()
    threading.Timer(0.1, cancel.set).start()
    outcome = sandbox.run(agent, Program("import time; time.sleep(60)"), cancel=cancel)
    assert outcome.status == "killed"
    assert outcome.seconds < 30


@pytest.mark.parametrize(
    ("without", "gap"),
    [
        ({"network", "calls"}, "network or calls"),
        ({"files", "landlock"}, "files or landlock"),
        ({"rights"}, "rights"),
    ],
)
def test_no_program_runs_without_the_walls_that_matter(
    without: set[str], gap: str, gateway: Gateway, agent: Principal, tmp_path: Path
) -> None:
    with contextlib.closing(Sandbox(gateway, tmp_path, LIMITS, without=frozenset(without))) as sandbox:
        outcome = sandbox.run(agent, Program("print('ran')"))
        assert (outcome.status, outcome.stdout) == ("refused", "")
        assert outcome.error is not None
        assert gap in outcome.error.message
        assert {wall.name for wall in sandbox.walls() if not wall.stands} >= without


def test_a_lakehouse_inside_of_the_python_runtime_is_no_place_for_programs(gateway: Gateway, agent: Principal) -> None:
    inside = Path(site.getsitepackages()[0]) / "numpy" / "runs"
    with contextlib.closing(Sandbox(gateway, inside, LIMITS)) as sandbox:
        assert sandbox.run(agent, Program("print('ran')")).status == "refused"
    inside.rmdir()


def test_a_library_that_is_not_installed_is_named(
    gateway: Gateway, agent: Principal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRELOADED, "sail", ("pyarrow.parquet", "nowhere.spark"))
    with contextlib.closing(Sandbox(gateway, tmp_path, LIMITS)) as sandbox:
        with pytest.raises(Unavailable, match=r"library nowhere, .* 'sail' .* not installed.*lakewright\[spark\]"):
            sandbox.run(agent, Program("result = 1", "pyspark"))
        assert sandbox.run(agent, Program("result = 1")).status == "ok"


def test_a_cell_that_was_ended_is_replaced(gateway: Gateway, agent: Principal, tmp_path: Path) -> None:
    others = set(psutil.Process().children())
    with contextlib.closing(Sandbox(gateway, tmp_path, LIMITS)) as sandbox:
        assert sandbox.run(agent, Program("result = 1")).status == "ok"
        (nursery,) = set(psutil.Process().children()) - others
        family = [nursery, *nursery.children(recursive=True)]
        nursery.kill()
        psutil.wait_procs(family, timeout=10)
        assert sandbox.run(agent, Program("result = 2")).status == "ok"


def test_a_setting_lets_it_run_all_the_same(gateway: Gateway, agent: Principal, tmp_path: Path) -> None:
    without = frozenset({"network", "calls", "files"})
    with contextlib.closing(Sandbox(gateway, tmp_path, LIMITS, without=without, unwalled=True)) as sandbox:
        assert sandbox.run(agent, Program("print('ran')")).stdout == "ran\n"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_many_runs(gateway: Gateway, agent: Principal, tmp_path: Path) -> None:
    others = set(psutil.Process().children(recursive=True))
    sandbox = Sandbox(gateway, tmp_path, LIMITS)
    ended = {"ok": "result = 1", "error": "1 / 0", "timeout": "while True: pass"}
    sandbox.run(agent, Program("result = 1"))
    before = _descriptors()
    for number in range(18):
        status = list(ended)[number % 3]
        assert sandbox.run(agent, Program(ended[status]), limits=replace(LIMITS, seconds=0.1)).status in (
            status,
            "timeout",
        )
    assert _descriptors() <= before + 8
    children = set(psutil.Process().children(recursive=True)) - others
    sandbox.close()
    _, alive = psutil.wait_procs(list(children), timeout=10)
    assert alive == []
    assert list(tmp_path.iterdir()) == []


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


KILLED = """
import sys
from pathlib import Path
from data.federation import open_gateway
from data.sandbox import Limits, Program, Sandbox
home, folder = map(Path, sys.argv[1:])
gateway = open_gateway(home, threads=1)
sandbox = Sandbox(gateway, folder, Limits(seconds=100), without=frozenset({"files"}))
sandbox.warm()
print(sandbox.run(gateway.policy.principal("owner"), Program("open('mine', 'w'); result = 1")).status, flush=True)
sandbox.run(gateway.policy.principal("owner"), Program("import time; time.sleep(100)"))
"""


def test_a_killed_server_takes_its_programs_along(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    environment = {**os.environ, "PYTHONPATH": str(Path(data.__path__[0]).parent)}
    command = [sys.executable, "-c", KILLED, str(home), str(folder)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ok\n"
        time.sleep(0.3)
        children = psutil.Process(server.pid).children(recursive=True)
        assert len(children) >= 3, "a nursery, a keeper and a program"
        server.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
    folders.sweep(folder)
    assert list(folder.iterdir()) == []


def test_a_folder_goes_whatever_was_made_of_it(tmp_path: Path) -> None:
    place, outside = tmp_path / "run-1-ab", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    place.mkdir()
    (place / "link").symlink_to(outside)
    here = os.getcwd()
    os.chdir(place)
    for _ in range(1050):
        os.mkdir("d")
        os.chdir("d")
    os.chdir(here)
    (place / "closed").mkdir(mode=0)
    folders.remove(place)
    assert not place.exists()
    assert (outside / "kept").exists()


@pytest.mark.parametrize("values", [{"seconds": 0}, {"memory_mb": -1}, {"rows": 0}])
def test_limits_that_let_nothing_run_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="can't be"):
        Limits(**values)


@pytest.mark.parametrize("values", [{"language": "perl"}, {"engine": "hive"}, {"sample": 0}, {"code": "x" * 300_000}])
def test_programs_that_cannot_run_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Program(**{"code": "1", **values})


def test_a_spoiled_table_is_refused_and_does_no_harm() -> None:
    """Bytes of a table are changed at random: what opens can be read, and all else is Garbled."""
    table = pa.table({"s": ["abc", None] * 9, "l": [[1, 2], None] * 9, "t": [{"x": 1}, None] * 9})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    whole = sink.getvalue().to_pybytes()
    assert opened(whole, 100) == table
    chance, refused = random.Random(7), 0
    for _ in range(2_000):
        spoiled = bytearray(whole)
        for _ in range(chance.choice((1, 2, 9))):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        try:
            opened(bytes(spoiled), 100).to_pylist()
        except Garbled:
            refused += 1
    assert refused > 100


def test_messages_are_put_together_from_any_pieces() -> None:
    reader, text = Reader(100), packed({"op": "sql"}, b"body") + packed({"op": "next"})
    found = []
    for byte in text:
        reader.feed(bytes([byte]))
        while (frame := reader.next()) is not None:
            found.append(frame)
    assert found == [({"op": "sql"}, b"body"), ({"op": "next"}, b"")]
    with pytest.raises(Garbled):
        reader.feed(packed({}, b"x" * 101))


SPARK = """
from pyspark.sql import functions as F
orders = spark.read.table("shop.main.orders")
people = spark.sql("SELECT id, country FROM shop.customers WHERE country <> 'shop.orders'")
result = (
    orders.join(people, orders.customer_id == people.id)
    .groupBy("country").agg(F.sum("amount").alias("paid"), F.count("*").alias("n")).orderBy("country")
)
"""


@pytest.mark.parametrize("engine", ["sail", "jvm"])
def test_pyspark_is_the_same_text_on_every_engine(engine: Any, sandbox: Sandbox, agent: Principal) -> None:
    pytest.importorskip("pyspark")
    if engine == "jvm" and shutil.which("java") is None:
        pytest.skip("there is no Java")
    outcome = sandbox.run(agent, Program(SPARK, "pyspark", engine=engine), limits=replace(LIMITS, seconds=120))
    assert (outcome.status, outcome.stderr) == ("ok", "")
    assert [{**row, "paid": str(row["paid"])} for row in rows(outcome)] == [{"country": "CA", "paid": "37.75", "n": 3}]
    assert sorted(outcome.tables) == ["shop.customers", "shop.orders"]
