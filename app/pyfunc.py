"""A tuned model as MLflow's generic Python function: questions in, SQL out, over a home and under a principal's rights.

MLflow's own server knows no principals, so whoever starts it says for whom it answers: LAKEWRIGHT_HOME names the home
and LAKEWRIGHT_PRINCIPAL the principal, by default who runs it.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from agents.ask.graph import Ask
    from agents.endpoints import Endpoint
    from app.assembly import Lakewright

NAME = "model"


@dataclass(frozen=True)
class Answering:
    """`adapter` is its folder, `base` the model that it was tuned from."""

    lakewright: Lakewright
    adapter: Path
    base: str

    def predict(self, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """A row for each question: `status`, `sql` and `answer`. A question that fails does not stop the others."""
        import pandas as pd

        made = [self._answered(str(question)) for question in model_input["question"]]
        return pd.DataFrame(made, columns=["status", "sql", "answer"], index=model_input.index)

    def _answered(self, question: str) -> tuple[str, str, str]:
        principal = self.lakewright.principal(self.lakewright.settings.principal)
        try:
            found = self._ask.run(principal, question)
        except DataError as error:
            return "failed", "", str(error)
        return found.status, found.sql or "", found.answer

    @cached_property
    def _ask(self) -> Ask:
        """An agent with this model alone; approved queries would answer in its place."""
        from agents.answers import AnswerStore
        from agents.approved import ApprovedQueries
        from agents.ask.graph import Ask

        room = Path(tempfile.mkdtemp(prefix="lakewright-model-"))
        stores = (
            ApprovedQueries(room / "approved.sqlite"),
            room / "threads.sqlite",
            AnswerStore(room / "answers.sqlite"),
        )
        endpoints: dict[str, Callable[[], Endpoint]] = {NAME: lambda: self._endpoint}
        return Ask(self.lakewright.gateway, self.lakewright.retriever, endpoints, *stores)

    @cached_property
    def _endpoint(self) -> Endpoint:
        from agents.endpoints import EndpointSpec, open_endpoint
        from app import packaged

        models = self.lakewright.settings.models_folder
        packaged.provide(models, name=self.base)
        return open_endpoint(
            EndpointSpec(name=NAME, kind="embedded", model=self.base, adapter=str(self.adapter)), models
        )


def _load_pyfunc(path: str) -> Answering:
    """What MLflow calls to load the model. Its weights are read with the first question."""
    from app.assembly import Lakewright
    from app.settings import Settings
    from finetune import adapter, stack

    folder = Path(path)
    told = stack.Stack.beside(folder)
    if told is not None and told.changed:
        changed = " and ".join(told.changed)
        warnings.warn(f"The model was measured with another version of {changed} than this one.", stacklevel=2)
    return Answering(Lakewright.open(Settings.load()), folder, adapter.shape(folder)[0])
