"""The edges and marks that some ticks hang on, from their sources into a workspace: nodes get numbers there, and
moments become ticks. Numbers are in the order of kinds and identifiers, so that what is computed does not hang on what
else there is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from data.features.graph.plan import Graph
from data.features.history import History
from data.features.plan import KNOWN, TIME
from data.gateway import Gateway
from data.gateway.stream import Stream
from data.policy import Principal
from data.sources.base import literal, quoted

if TYPE_CHECKING:
    import duckdb

EPOCH = datetime(1970, 1, 1)


class Loader:
    """Fills the tables `nodes`, `edges`, `marks` and `before` of a workspace."""

    def __init__(self, work: duckdb.DuckDBPyConnection, graph: Graph) -> None:
        self._work, self._graph = work, graph

    def sources(self, gateway: Gateway, principal: Principal, after: int | None, until: int) -> None:
        """Read all that was known by `until` and can matter after the moment `after`; all of the past where it is None.
        Raises what the gateway raises."""
        graph = self._graph
        self._work.execute("CREATE TABLE read (link INTEGER, a VARCHAR, b VARCHAR, t BIGINT, known BIGINT)")
        for number, link in enumerate(graph.links):
            since = None if after is None else after - graph.reach
            self._stream(gateway, principal, link.select, link.columns, number, since, until)
        if graph.marks is not None:
            since = None if after is None else after - graph.marks.lasts
            columns = (graph.marks.column, graph.marks.column)
            self._stream(gateway, principal, graph.marks.select, columns, -1, since, until)

    def _stream(
        self,
        gateway: Gateway,
        principal: Principal,
        select: str,
        columns: tuple[str, str],
        number: int,
        since: int | None,
        until: int,
    ) -> None:
        import duckdb

        within = f"{KNOWN} <= {_moment(until)}" + ("" if since is None else f" AND {TIME} > {_moment(since)}")
        one, other = (f"CAST({quoted(column)} AS VARCHAR)" for column in columns)
        sql = f"SELECT {number}, {one}, {other}, epoch_us({TIME}), epoch_us({KNOWN}) FROM incoming"
        with gateway.stream(principal, f"SELECT * FROM ({select}) AS prepared WHERE {within}") as stream:
            self._insert(stream, f"INSERT INTO read {sql}", duckdb.Error)

    def _insert(self, stream: Stream, sql: str, failed: type[Exception]) -> None:
        self._work.register("incoming", stream.reader)
        try:
            self._work.execute(sql)
        except (failed, OSError, ValueError) as error:
            raise stream.failure or error from None
        finally:
            self._work.unregister("incoming")

    def history(self, history: History, after: int | None) -> None:
        """The newest event of each entity, as far as it still holds at the tick `after`."""
        names = [column.name for column in history.plan.stored]
        newest = "".join(f", arg_max({name}, {TIME}) AS {name}" for name in names)
        key = f'CAST("{history.plan.keys[0].name}" AS VARCHAR)'
        files = [] if after is None or history.version is None else history.files(history.version)
        if not files:
            columns = ", ".join(("id VARCHAR", "said BIGINT", *(f"{name} BIGINT" for name in names)))
            self._work.execute(f"CREATE TABLE before ({columns})")
            return
        listed = ", ".join(literal(str(file)) for file in files)
        self._work.execute(
            f"CREATE TABLE before AS SELECT {key} AS id, max({TIME}) // {self._graph.every} AS said{newest} "
            f"FROM read_parquet([{listed}]) WHERE {TIME} > {(after or 0) - self._graph.ttl} GROUP BY 1"
        )

    def number(self) -> None:
        """Number the nodes, and put edges and marks into ticks: an edge is in the graph of a window of w ticks from
        the tick `enter` until before `happened` + w."""
        graph = self._graph
        ends = [(f"link = {n}", link.nodes) for n, link in enumerate(graph.links)]
        kinds = [" ".join(f"WHEN {where} THEN {literal(nodes[i])}" for where, nodes in ends) for i in (0, 1)]
        first, second = (f"CASE {kind} ELSE {literal(graph.entity)} END" for kind in kinds)
        self._work.execute(
            "CREATE TABLE nodes AS SELECT kind, id, row_number() OVER (ORDER BY kind, id) - 1 AS code FROM "
            f"(SELECT {first} AS kind, a AS id FROM read UNION SELECT {second} AS kind, b AS id FROM read "
            f"UNION SELECT {literal(graph.entity)} AS kind, id FROM before)"
        )
        joined = (
            f"SELECT link, l.code AS l, r.code AS r, {_tick('known', graph.every)} AS enter, t "
            f"FROM read JOIN nodes l ON l.kind = {first} AND l.id = a JOIN nodes r ON r.kind = {second} AND r.id = b"
        )
        self._work.execute(
            "CREATE TABLE edges AS SELECT link, least(l, r) AS l, greatest(l, r) AS r, min(enter) AS enter, "
            f"{_tick('t', graph.every)} AS happened FROM ({joined} WHERE link >= 0) WHERE l <> r GROUP BY ALL"
        )
        lasts = graph.marks.lasts if graph.marks else 0
        self._work.execute(
            f"CREATE TABLE marks AS SELECT l AS code, enter, {_tick(f'(t + {lasts})', graph.every)} AS leave "
            f"FROM ({joined} WHERE link < 0) GROUP BY ALL"
        )
        self._work.execute("DROP TABLE read")

    def first(self) -> int | None:
        """The first tick at which something is in a graph; None where nothing ever is."""
        found: int | None = self._work.execute("SELECT min(enter) FROM edges").fetchall()[0][0]
        return found


def _tick(moment: str, every: int) -> str:
    """The first tick that is not before a moment."""
    return f"({moment} // {every} + CASE WHEN {moment} % {every} > 0 THEN 1 ELSE 0 END)"


def _moment(at: int) -> str:
    return f"TIMESTAMP '{EPOCH + timedelta(microseconds=at)}'"
