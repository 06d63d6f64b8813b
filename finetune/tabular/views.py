"""The feature views that a recipe reads, applied and materialised where they are not yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from data.features.platform import Features
from data.policy import Principal


def provide(features: Features, principal: Principal, names: Sequence[str], say: Callable[[str], None]) -> None:
    """Nothing is done for views that are there; what they lack of late is for `features materialize`."""
    views = list(dict.fromkeys(name.partition(".")[0] for name in names))
    if not set(views) <= set(features.registry.plans()):
        say("applying the feature definitions")
        features.apply()
    plans = [features.registry.plan(name) for name in views]
    missing = [plan.view.name for plan in plans if features.state(plan)[0] is None]
    if missing:
        say(f"materialising {', '.join(missing)}")
        now = datetime.now(UTC).replace(tzinfo=None)
        for done in features.materialize(principal, missing, now, say, values=False):
            say(f"{done.view}: {done.events:,} events of {done.entities:,} entities")
