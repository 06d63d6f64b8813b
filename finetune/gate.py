"""Which version of a model answers: the champion, and the challenger that would take its place.

Moving the alias `champion` is the one step that decides, and it is one transaction. What stands before it says what
will happen, what comes after it only tidies up, so that a process may be killed anywhere: the next one that has to do
with the model finishes what was decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agents.predictors.store import CHALLENGER, CHAMPION, WHY, Version
from data.errors import Invalid
from finetune.registry import Registry

if TYPE_CHECKING:
    from mlflow import MlflowClient

VERDICT, BEFORE = "lakewright.verdict", "lakewright.before"
"""Tags of a version: `promote` or `keep`; the champions before it, the last one first, such as `3,1`."""


@dataclass(frozen=True)
class Verdict:
    """Whether a candidate takes the champion's place, and why."""

    promoted: bool
    why: str


class Gate:
    """Changes of one home's champions, one at a time, whichever process makes them."""

    def __init__(self, home: Path) -> None:
        self.registry = Registry(home)

    def judge(self, name: str, version: int, decide: Callable[[Version | None], Verdict]) -> Verdict:
        """Let a new version be the challenger, and champion if `decide`, given the present one, says so."""
        with self.registry.alone() as client:
            self._mend(client, name)
            client.set_registered_model_alias(name, CHALLENGER, str(version))
            verdict = decide(self._champion(name))
            self._settle(client, name, version, verdict)
        return verdict

    def promote(self, name: str, version: int | str, why: str) -> Version:
        """Let a version be champion whatever the gate said of it. NotFound; Invalid if it is champion already."""
        with self.registry.alone() as client:
            self._mend(client, name)
            chosen = self.registry.store.resolve(name, version)
            if CHAMPION in chosen.aliases:
                raise Invalid(f"Version {chosen.version} of '{name}' is champion already.", "There is nothing to do.")
            self._settle(client, name, chosen.version, Verdict(True, why))
        return self.registry.store.resolve(name)

    def rollback(self, name: str, why: str) -> Version:
        """Let the champion before the present one be champion again. NotFound; Invalid if there was none."""
        with self.registry.alone() as client:
            self._mend(client, name)
            present, chosen, earlier = self._back(client, name)
            _tag(client, name, present.version, WHY, f"{why} It was champion before.")
            _tag(client, name, chosen.version, BEFORE, earlier)
            client.set_registered_model_alias(name, CHAMPION, str(chosen.version))
        return self.registry.store.resolve(name)

    def before(self, name: str) -> Version:
        """Whom a rollback would make champion. NotFound; Invalid if there was none."""
        with self.registry.alone() as client:
            self._mend(client, name)
            return self._back(client, name)[1]

    def mend(self, name: str) -> None:
        """Finish what a killed process had decided."""
        if not self.registry.store.versions(name):
            return
        with self.registry.alone() as client:
            self._mend(client, name)

    def _back(self, client: MlflowClient, name: str) -> tuple[Version, Version, str]:
        """The champion, the one before, and those before that."""
        present = self.registry.store.resolve(name, CHAMPION)
        last, _, earlier = _before(client, name, present.version).partition(",")
        if not last:
            raise Invalid(
                f"'{name}' had no champion before version {present.version}.",
                f"Choose one: lakewright model promote {name} VERSION",
            )
        return present, self.registry.store.resolve(name, last), earlier

    def _settle(self, client: MlflowClient, name: str, version: int, verdict: Verdict) -> None:
        _tag(client, name, version, WHY, verdict.why)
        _tag(client, name, version, VERDICT, "promote" if verdict.promoted else "keep")
        if verdict.promoted:
            self._enthrone(client, name, version)

    def _enthrone(self, client: MlflowClient, name: str, version: int) -> None:
        champion = self._champion(name)
        if champion is not None and champion.version != version:
            before = [str(champion.version), _before(client, name, champion.version)]
            _tag(client, name, version, BEFORE, ",".join(filter(None, before)))
        client.set_registered_model_alias(name, CHAMPION, str(version))
        self._free_challenger(client, name, version)

    def _mend(self, client: MlflowClient, name: str) -> None:
        challenger = self._holder(name, CHALLENGER)
        if challenger is None:
            return
        if CHAMPION in challenger.aliases:
            self._free_challenger(client, name, challenger.version)
        elif client.get_model_version(name, str(challenger.version)).tags.get(VERDICT) == "promote":
            self._enthrone(client, name, challenger.version)

    def _free_challenger(self, client: MlflowClient, name: str, version: int) -> None:
        holder = self._holder(name, CHALLENGER)
        if holder is not None and holder.version == version:
            client.delete_registered_model_alias(name, CHALLENGER)

    def _champion(self, name: str) -> Version | None:
        return self._holder(name, CHAMPION)

    def _holder(self, name: str, alias: str) -> Version | None:
        """The version with an alias, whether its files are there or not."""
        return next((found for found in self.registry.store.versions(name) if alias in found.aliases), None)


def _before(client: MlflowClient, name: str, version: int) -> str:
    return str(client.get_model_version(name, str(version)).tags.get(BEFORE, ""))


def _tag(client: MlflowClient, name: str, version: int, key: str, value: str) -> None:
    client.set_model_version_tag(name, str(version), key, value)
