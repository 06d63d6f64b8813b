"""Music: how much somebody listens, and what they pay for it."""

from data.features import Feature, FeatureView

OWNER = "music@lakewright.example"

listening = FeatureView(
    name="listening",
    entity="user",
    keys=("user_id",),
    source="tidal.plays",
    time="played_at",
    delay="5m",
    ttl="90d",
    owner=OWNER,
    description="What somebody plays. Plays reach us within five minutes.",
    features=(
        Feature("plays", "count", over=("1d", "7d", "30d", "90d"), description="Tracks played."),
        Feature("seconds", "sum", "seconds_played", over=("7d", "30d"), unit="s", description="Time listened."),
        Feature("stayed", "avg", "seconds_played", over=("30d",), unit="s", description="Average time on a track."),
        Feature("artists", "approx_distinct", "artist_id", over=("7d", "30d"), description="Different artists."),
        Feature("platform", "last", "platform", over=("30d",), description="Where they listened last."),
        Feature("recency", "age", over=("90d",), unit="s", description="Time since the last play."),
    ),
)

subscribing = FeatureView(
    name="subscribing",
    entity="user",
    keys=("user_id",),
    # The present status of a subscription would tell the future of its past; only what happened counts.
    source="""
        SELECT user_id, plan, price, 1 AS change, started_at AS at FROM tidal.subscriptions
        UNION ALL
        SELECT user_id, 'none' AS plan, 0.0 AS price, -1 AS change, ended_at AS at FROM tidal.subscriptions
        WHERE ended_at IS NOT NULL
    """,
    time="at",
    ttl="365d",
    owner=OWNER,
    description="Subscriptions that began and ended.",
    features=(
        Feature("plan", "last", "plan", over=("365d",), description="The newest plan; none after a cancellation."),
        Feature("price", "last", "price", over=("365d",), unit="USD", description="Its monthly price."),
        Feature("began", "count", "CASE WHEN change > 0 THEN 1 END", over=("90d", "365d"), description="Begun."),
        Feature("ended", "count", "CASE WHEN change < 0 THEN 1 END", over=("90d", "365d"), description="Ended."),
        Feature("since", "age", over=("365d",), unit="s", description="Time since the last change."),
    ),
)
