"""What one caller's fillings are made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agents.forms.answered import Asks
from agents.forms.binding import Binding
from agents.forms.embedded import Encode
from agents.forms.fetch import Fetcher
from agents.forms.fill import Filler
from agents.forms.fillings import Fillings
from agents.forms.form import Form
from agents.forms.got import Got
from agents.forms.passages import Passages
from agents.forms.plan import Plan, Planner
from agents.forms.reader import Read
from agents.forms.registry import FormRegistry
from agents.forms.sample import Shelf
from agents.forms.sight import Sight
from agents.forms.subject import Subjects

if TYPE_CHECKING:
    from agents.predictors.predictor import Predictor
    from data.features.platform import Features
    from data.gateway import Gateway
    from data.policy import Principal


@dataclass(frozen=True)
class Desk:
    """`encode` gives the embeddings of texts; it is asked for only where a form is not learned yet."""

    gateway: Gateway
    principal: Principal
    registry: FormRegistry
    fillings: Fillings
    encode: Encode
    features: Callable[[], Features] | None = None
    predictor: Callable[[], Predictor] | None = None
    asks: Asks | None = None
    passages: Passages | None = None
    read: Read | None = None
    shelf: Shelf = field(default_factory=Shelf)

    @cached_property
    def sight(self) -> Sight:
        return Sight(self.gateway, self.principal)

    @cached_property
    def subjects(self) -> Subjects:
        return Subjects(self.gateway, self.principal)

    def plan(self, form: Form, table: str) -> Plan:
        """Where the values of a form about rows of a table come from."""
        return self.planner(form, table).plan(self.registry.remembered(form, table, self.sight.stamp))

    def planner(self, form: Form, table: str) -> Planner:
        """What finds the bindings of a form about rows of a table."""
        samples = self.shelf.of(self.gateway, self.principal)
        documents = self.passages is not None
        return Planner(form, table, self.sight, samples, self.encode, self.read, documents)

    def fetch(self, table: str, keys: Sequence[Any], plan: Plan, today: datetime) -> Mapping[Any, Mapping[str, Got]]:
        """What the plan's bindings give, by key and binding."""
        bindings: list[Binding] = [binding for several in plan.values() for binding in several]
        return Fetcher(self.sight, today, self.features, self.predictor, self.asks, self.passages).fetch(
            table, keys, bindings
        )

    def filler(self, form: Form) -> Filler:
        return Filler(form, self.sight)
