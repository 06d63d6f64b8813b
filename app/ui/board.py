"""The streams as HTML: a card for each, with its figures and its last minutes. All words are escaped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.ui import trend
from app.ui.render import notice, text
from data.streams.monitor import BACK, UNKNOWN, View
from data.streams.status import Status

MOST = 60
FEW = 4
"""More streams than this have smaller cards."""
LIVE = 5.0
"""Seconds of events that may be under way in a stream that keeps up."""
QUIET = timedelta(seconds=30)
"""After so long without a commit nobody seems to land what waits."""
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))

EXAMPLE = """\
version: 1
broker: {servers: 127.0.0.1:9092}
streams:
  - name: payments
    topic: shop.payments
    schema: payment.json
    target: lake.payments
    time: created_at"""


def board(view: View) -> str:
    """The whole page."""
    if not view.streams:
        return _empty()
    shown = view.streams[:MOST]
    cards = "".join(_card(status, view) for status in shown)
    left = len(view.streams) - len(shown)
    more = f'<p class="lw-about">and {left:,} more: lakewright stream status</p>' if left else ""
    size = "lw-streams lw-many" if len(view.streams) > FEW else "lw-streams"
    return f'{_summary(view)}{_reasons(view.streams)}<div class="{size}">{cards}</div>{more}'


def _empty() -> str:
    return (
        '<section class="lw-card lw-empty"><h2>No streams yet</h2>'
        "<p>A stream lands the events of a Kafka topic in a table, each of them once. "
        "Declare it in <code>streams.yaml</code> in the home folder:</p>"
        f"<pre><code>{text(EXAMPLE)}</code></pre>"
        "<p>Then start it with <code>lakewright stream run</code>. For a try with live demo events: "
        "<code>lakewright stream broker</code>, then <code>lakewright stream publish --demo</code>.</p></section>"
    )


def _summary(view: View) -> str:
    lags = [status.lag for status in view.streams if status.lag is not None]
    facts = (
        (f"{len(view.streams):,}", "stream" if len(view.streams) == 1 else "streams"),
        (_number(sum(status.events_per_second for status in view.streams)), "events a second"),
        (f"{sum(lags):,}" if lags else "–", "lag"),
        (f"{sum(status.dead_letters for status in view.streams):,}", "dead letters"),
    )
    said = "".join(f"<span><strong>{figure}</strong> {name}</span>" for figure, name in facts)
    return f'<p class="lw-summary">{said}<time>{view.at:%H:%M:%S} UTC</time></p>'


def _reasons(streams: Sequence[Status]) -> str:
    reasons = dict.fromkeys(status.reason for status in streams if status.reason not in ("", UNKNOWN.reason))
    return "".join(notice(reason, "What has landed is shown; the lag is not known.") for reason in list(reasons)[:3])


def _card(status: Status, view: View) -> str:
    kind, verdict, hint = _verdict(status, view.at)
    way = f"{text(status.topic)} <span>→</span> {text(status.target)} <span>·</span> {text(status.mode)}"
    return (
        f'<article class="lw-card lw-stream"><header><h2>{text(status.name)}</h2>'
        f'<span class="lw-badge {kind}" title="{text(hint)}">{verdict}</span><p>{way}</p></header>'
        f'<dl class="lw-figures">{_figures(status, view.at)}</dl>{_trends(status, view)}</article>'
    )


def _verdict(status: Status, now: datetime) -> tuple[str, str, str]:
    """(class, words, explanation) of the badge."""
    if status.lag is None:
        return "lw-unsure", "lag unknown", status.reason
    if status.lag == 0:
        return "lw-answered", "up to date", "Every event of the topic has landed"
    if status.last_commit is None or now - status.last_commit > QUIET:
        return "lw-failed", "not landing", "Events wait and none has landed lately: is lakewright stream run at work?"
    if status.lag <= LIVE * status.events_per_second:
        return "lw-answered", "live", "Events land as they come"
    return "lw-unsure", "catching up", "Events land, and more of them wait"


def _figures(status: Status, now: datetime) -> str:
    dead = " lw-bad" if status.dead_letters else ""
    return "".join((
        _figure("Lag", "–" if status.lag is None else f"{status.lag:,}", _partitions(status)),
        _figure("Events a second", _number(status.events_per_second), "Over the last minute"),
        _figure("Dead letters", f"{status.dead_letters:,}", "lakewright stream dead list", dead),
        _figure("Newest event", _ago(status.freshness, now), _iso(status.freshness)),
        _figure("Last commit", _ago(status.last_commit, now), _iso(status.last_commit)),
    ))  # fmt: skip


def _figure(name: str, value: str, hint: str, mark: str = "") -> str:
    return f'<div class="lw-figure{mark}" title="{text(hint)}"><dt>{name}</dt><dd>{value}</dd></div>'


def _partitions(status: Status) -> str:
    return ", ".join(f"partition {each.partition}: {each.lag:,}" for each in status.partitions[:32])


def _trends(status: Status, view: View) -> str:
    rates = trend.rates(status.commits, view.at, BACK)
    lags = [((view.at - at).total_seconds(), float(lag)) for at, lag in view.lags.get(status.name, ())]
    return f'<div class="lw-trends">{_trend("Events a second", "rate", rates)}{_trend("Lag", "lag", lags)}</div>'


def _trend(name: str, kind: str, points: Sequence[trend.Point]) -> str:
    peak = f"peak {_number(max(value for _, value in points))}" if points else "not known"
    minutes = int(BACK.total_seconds() / 60)
    chart = trend.svg(points, BACK, f"{name} over the last {minutes} minutes, {peak}")
    return (
        f'<figure class="lw-trend lw-{kind}"><figcaption><span>{name}</span><span>{peak}</span></figcaption>{chart}'
        f'<p aria-hidden="true"><span>{minutes} min ago</span><span>now</span></p></figure>'
    )


def _number(value: float) -> str:
    places = 0 if value >= 10 or value == int(value) else 1 if value >= 1 else 2
    return f"{value:,.{places}f}"


def _ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "–"
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 1:
        return "now"
    size, unit = next((size, unit) for size, unit in UNITS if abs(seconds) >= 2 * size or size == 1)
    shown = f"{abs(seconds) / size:,.0f} {unit}"
    return f"{shown} ago" if seconds >= 0 else f"in {shown}"


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(sep=" ", timespec="seconds")
