"""The feature platform of a home: what its definitions are, and everything that is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.features import access, choice, files, given, output, training
from data.features.history import History
from data.features.ledger import Ledger
from data.features.materialize import Materialized, materialize
from data.features.online import Store, open_store
from data.features.online.get import Got, Lookup
from data.features.online.refresh import space
from data.features.plan import Output, Plan
from data.features.recipe import Recipe
from data.features.registry import Registry, checked
from data.features.results import microseconds
from data.features.training import Progress
from data.gateway import Gateway
from data.policy import Principal

if TYPE_CHECKING:
    import pyarrow as pa


class Features:
    """Opens nothing before it is needed. Many threads may read from one platform at once."""

    def __init__(self, home: Path, gateway: Gateway, online: str = "sqlite") -> None:
        """`online` is `sqlite`, or the address of a Redis."""
        self.home, self.gateway, self._online = home, gateway, online
        self.registry = Registry(home)
        self._sight, self._ledger = access.Sight(), Ledger()

    @cached_property
    def store(self) -> Store:
        return open_store(self._online, self.home)

    def apply(self) -> list[Plan]:
        """Check all definition files and let their views be those of the home. Nothing changes where one is wrong."""
        declared = files.load(self.home)
        plans = checked(declared, self.gateway.catalog, self.gateway.policy.functions)
        self.registry.apply(plans)
        return plans

    def visible(self, principal: Principal) -> Iterator[tuple[Plan, tuple[Output, ...]]]:
        """The views of which the principal sees something, with what they see."""
        for plan in self.registry.plans().values():
            if outputs := access.seen(plan, self.gateway.policy, principal):
                yield plan, outputs

    def state(self, plan: Plan) -> tuple[int | None, int | None]:
        """The version of a view's history, and the one that the online store has."""
        return History.of(plan, self.home).version, self.store.position(space(plan))

    def materialize(
        self,
        principal: Principal,
        views: Sequence[str],
        until: datetime,
        say: Callable[[str], None],
        *,
        values: bool = True,
    ) -> Iterator[Materialized]:
        """Bring views, or all where none is named, up to a moment in UTC; with the rights of the principal. Without
        `values`, only the online store."""
        for name in views or self.registry.plans():
            plan = self.registry.plan(name)
            yield materialize(plan, self.gateway, principal, self.home, self.store, until, say, values=values)

    def training_set(
        self,
        principal: Principal,
        labels: str,
        time: str,
        names: Sequence[str],
        out: str,
        progress: Progress = lambda done, of: None,
    ) -> output.Written:
        """Join features to labels as they were known at each label's moment, and write the rows to `out`: a `.parquet`
        file, or the name of a table among the home's training sets."""
        chosen = choice.choose(self.registry.plans(), names, self.gateway, principal, self.home)
        return self._made(principal, chosen, labels, time, {}, out, progress)

    def again(
        self, principal: Principal, like: str, out: str, progress: Progress = lambda done, of: None
    ) -> output.Written:
        """Make the training set of a file or table once more, from the versions that it was made of."""
        recipe = output.recipe(like, self.home)
        chosen = choice.choose(self.registry.plans(), recipe.features, self.gateway, principal, self.home)
        pinned = choice.again(recipe, chosen)
        return self._made(principal, pinned, recipe.labels, recipe.time, recipe.tables, out, progress)

    def join(
        self,
        principal: Principal,
        rows: str,
        time: str,
        names: Sequence[str],
        write: Callable[[training.TrainingSet], None],
        progress: Progress = lambda done, of: None,
        size: int | None = None,
    ) -> Recipe:
        """The same for whoever goes on with the rows as they come, `size` at a time, as scoring does; no features where
        none is named."""
        chosen = choice.choose(self.registry.plans(), names, self.gateway, principal, self.home) if names else ()
        return self._joined(principal, chosen, rows, time, {}, write, progress, size)

    def get(
        self, principal: Principal, view: str, entities: Sequence[Mapping[str, Any]], names: Sequence[str], at: datetime
    ) -> list[Got]:
        """Features of entities at a moment that is not long past, from the online store; all that the principal sees
        where none is named. Raises what `access` does, Invalid for keys of another shape."""
        plans, policy = self.registry.plans(), self.gateway.policy
        plan = plans.get(view)
        outputs = self._sight.seen(plan, plans, policy, principal) if plan else ()
        if plan is None or not outputs:
            raise access.unknown(view)
        if names:
            outputs = tuple(access.require_one(plan, name, policy, principal) for name in names)
        lookup, moment = Lookup(plan, self.store, outputs), microseconds(at)
        found = [lookup.get(keys, moment) for keys in entities]
        self._note(principal, plan, outputs, len(found))
        return found

    def at(
        self, principal: Principal, rows: pa.Table, time: str, names: Sequence[str]
    ) -> tuple[pa.Table, tuple[given.Provenance, ...]]:
        """Rows that are at hand with features as they were known at each row's moment: what a training set has."""
        chosen = choice.choose(self.registry.plans(), names, self.gateway, principal, self.home)
        found = given.past(self.home, chosen, rows, time)
        self._record_all(principal, [(one.plan, one.plan.outputs) for one in chosen], rows.num_rows)
        return found

    def now(
        self, principal: Principal, rows: pa.Table, names: Sequence[str], at: datetime | Sequence[datetime]
    ) -> tuple[pa.Table, tuple[given.Provenance, ...]]:
        """The same columns, as the online store has them at a moment that is not long past, or at one for each row."""
        picked = self.picked(principal, names)
        moments = [at] * rows.num_rows if isinstance(at, datetime) else at
        found = given.present(self.home, self.store, picked, rows, [microseconds(one) for one in moments])
        self._record_all(principal, picked, rows.num_rows)
        return found

    def picked(self, principal: Principal, names: Sequence[str]) -> given.Picked:
        """The views of some features, each with its outputs; of all that the principal sees where none is named.
        NotFound and Forbidden as `access` raises them."""
        plans, policy = self.registry.plans(), self.gateway.policy
        see = partial(self._sight.seen, plans=plans, policy=policy, principal=principal)
        return tuple(choice.outputs(plans, names, see).values())

    def close(self) -> None:
        """Let go of the online store; the audit trail gets what is not in it yet."""
        self._ledger.close()
        if "store" in self.__dict__:
            self.store.close()

    def _made(
        self,
        principal: Principal,
        chosen: Sequence[choice.Chosen],
        labels: str,
        time: str,
        versions: Mapping[str, str],
        out: str,
        progress: Progress,
    ) -> output.Written:
        writer = output.Writer(out, self.home)
        recipe = self._joined(principal, chosen, labels, time, versions, writer.write, progress)
        return output.Written(writer.place, writer.rows, recipe)

    def _note(self, principal: Principal, plan: Plan, outputs: Sequence[Output], rows: int) -> None:
        def write(counted: int, message: str) -> None:
            self._record(principal, plan, outputs, counted, message)

        # Other rights or another definition are another record.
        key = (principal.name, id(self.gateway.policy), plan.view.name, plan.digest, tuple(o.name for o in outputs))
        self._ledger.note(key, rows, write)

    def _joined(
        self,
        principal: Principal,
        chosen: Sequence[choice.Chosen],
        labels: str,
        time: str,
        versions: Mapping[str, str],
        write: Callable[[training.TrainingSet], None],
        progress: Progress,
        size: int | None = None,
    ) -> Recipe:
        rows = 0

        def written(made: training.TrainingSet) -> None:
            nonlocal rows
            rows = made.rows
            write(made)

        recipe = training.training_set(
            self.home, self.gateway, principal, chosen, labels, time, written,
            versions=versions, progress=progress, size=size,
        )  # fmt: skip
        for one in chosen:
            self._record(principal, one.plan, one.plan.outputs, rows)
        return recipe

    def _record(
        self, principal: Principal, plan: Plan, outputs: Sequence[Output], rows: int, message: str = ""
    ) -> None:
        reads = dict(zip((o.name for o in plan.outputs), plan.reads, strict=False))
        self.gateway.audit.write(
            principal=principal.name,
            asked=f"features of {plan.view.name}",
            rows=rows,
            outcome="answered",
            message=message,
            lineage={o.name: list(reads.get(o.name, plan.lineage)) for o in outputs},
        )

    def _record_all(self, principal: Principal, picked: given.Picked, rows: int) -> None:
        """One record for what is given out of several views at once, by the names of their columns."""
        lineage: dict[str, list[str]] = {}
        for plan, outputs in picked:
            whole = self.registry.plan(plan.view.name)
            reads = dict(zip((o.name for o in whole.outputs), whole.reads, strict=False))
            lineage |= {training.column_name(plan, o): list(reads.get(o.name, plan.lineage)) for o in outputs}
        self.gateway.audit.write(
            principal=principal.name,
            asked=f"features of {', '.join(plan.view.name for plan, _ in picked)}",
            rows=rows,
            outcome="answered",
            lineage=lineage,
        )
