"""A session with a Spark Connect server, and what its server can do."""

from __future__ import annotations

import logging
import secrets
import warnings
from dataclasses import dataclass, field
from typing import Any

from data.errors import DataError, Unavailable
from data.location import redacted

GONE = ("UNAVAILABLE", "failed to connect", "Connection refused", "is not running", "RETRIES_EXCEEDED", "Socket closed")
"""What the client says when the server is no more."""

WIDEST = 9_223_372_036_854_775_807
"""A limit that cuts no table."""

MARK = "lakewright.session"
"""A setting by which a session knows itself: a server that was started again has another one of the same name."""


@dataclass(frozen=True)
class Server:
    """An open session. `wide` says whether the server takes limits of 64 bits, `lenient` whether what fails on a
    value gives NULL there and no error."""

    session: Any
    wide: bool
    lenient: bool
    mark: str = field(default_factory=lambda: secrets.token_hex(8))

    def there(self) -> bool:
        """Whether the server still has this session with its views."""
        try:
            return bool(self.session.conf.get(MARK, "") == self.mark)
        except Exception:  # noqa: BLE001 - the client raises errors of its own, of gRPC and of Arrow
            return False

    def close(self, *, there: bool = True) -> None:
        """Let go of the session; of one whose server is not there, without a word to it."""
        _let_go(self.session, there=there)


def connect(address: str) -> Server:
    """A session of one's own. Unavailable when the server does not answer or the client is not installed."""
    try:
        session = _opened(address)
    except ImportError:
        raise Unavailable("Spark's client is not installed.", "Run `pip install lakewright[spark]`.") from None
    except Exception:  # noqa: BLE001 - as above
        raise refused(address) from None
    try:
        return _known(session)
    except Exception:  # noqa: BLE001 - as above
        _let_go(session, there=False)
        raise refused(address) from None


def refused(address: str) -> DataError:
    """The error for a server that does not answer."""
    remedy = "Start the server, correct the setting `spark`, or use `--engine duckdb`."
    return Unavailable(f"Spark does not answer at {redacted(address)}.", remedy)


def gone(said: str) -> bool:
    """Whether the client says that the server is no more."""
    return any(word in said for word in GONE)


def _opened(address: str) -> Any:
    with warnings.catch_warnings():
        # The client warns of a pandas that is newer than it knows; no pandas is used here.
        warnings.simplefilter("ignore")
        from pyspark.sql.connect.client import DefaultChannelBuilder
        from pyspark.sql.connect.session import SparkSession

        # A connection of its own: a shared one would still wait after a server that has come back meanwhile.
        channel = DefaultChannelBuilder(address, channelOptions=[("grpc.use_local_subchannel_pool", 1)])
        # Not by the builder, which makes it the session that any library in this process finds and asks: MLflow asks
        # for its registry, and fails where the server has forgotten the session meanwhile.
        return SparkSession(channel)


def _known(session: Any) -> Server:
    """The session as queries need it, once its server answers."""
    from pyspark.sql.connect.client.retries import DefaultPolicy

    # The client logs each query that fails, with its text and its values.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    session.client.set_retry_policies([DefaultPolicy(max_retries=2, initial_backoff=50, max_backoff=200)])
    # With ANSI on, a condition of the caller that fails on a hidden row would tell about it.
    session.conf.set("spark.sql.ansi.enabled", "false")
    session.conf.set("spark.sql.session.timeZone", "UTC")
    # Paths in plans are cut else.
    session.conf.set("spark.sql.maxMetadataStringLength", "100000")
    server = Server(session, wide=_runs(session, f"SELECT 1 LIMIT {WIDEST}"), lenient=_lenient(session))
    session.conf.set(MARK, server.mark)
    return server


def _let_go(session: Any, *, there: bool) -> None:
    session.release_session_on_close = there
    session.stop()
    # A session closes its client once more when it is collected as garbage. That waits for a pool of threads which all
    # sessions share, and for ever where it is one of these threads that collects.
    session.client.close = lambda: None


def _lenient(session: Any) -> bool:
    # Not every server heeds the setting.
    return _runs(
        session, "SELECT CAST(s AS DOUBLE) + year(s) FROM (VALUES ('1'), ('x')) AS t(s) WHERE s = 1 OR s = 'x'"
    )


def _runs(session: Any, sql: str) -> bool:
    try:
        session.sql(sql).toArrow()
    except Exception as error:
        if gone(str(error)):
            raise
        return False
    return True
