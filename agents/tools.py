"""Tools that chat models call: features and scores, under the rights of whoever asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from data.errors import DataError
from data.policy import Principal
from data.values import plain

if TYPE_CHECKING:
    from langchain_core.messages import ToolMessage
    from langchain_core.tools import BaseTool

    from agents.predictors.predictor import Predictor

Key = dict[str, int | str]


@dataclass
class Toolbox:
    """The tools of one caller for one question, and what they gave: `used` has (tool, document), the newest last."""

    predictor: Predictor
    principal: Principal
    used: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failure: DataError | None = None
    """Why the newest call gave nothing."""
    outside: Sequence[BaseTool] = ()
    """Tools of outside servers, behind their permissions."""

    def tools(self) -> list[BaseTool]:
        """As LangChain binds them to a model."""
        from langchain_core.tools import tool

        return [*(tool(function) for function in (self._get_features(), self._score())), *self.outside]

    def described(self) -> str:
        """The views and models that there are for the caller, for the model to read; empty where there are none."""
        views = [
            f"- {plan.view.name}, keys {', '.join(plan.view.keys)}: {plan.view.description} "
            f"Features: {', '.join(output.name for output in outputs)}"
            for plan, outputs in self.predictor.features.visible(self.principal)
        ]
        models = [
            f"- {model.version.name}, key {', '.join(model.spec.key)}: {model.spec.description}"
            for model in self.predictor.visible(self.principal)
        ]
        others = [f"- {tool.name}: {tool.description}" for tool in self.outside]
        parts = [("Feature views for get_features", views), ("Models for score", models), ("Outside tools", others)]
        return "\n\n".join(f"{title}:\n" + "\n".join(lines) for title, lines in parts if lines)

    def answer(self, calls: Sequence[Mapping[str, Any]]) -> list[ToolMessage]:
        """What the calls of a model's reply give, as it reads it."""
        return answered(self.tools(), calls)

    def _get_features(self) -> Callable[..., str]:
        def get_features(view: str, keys: Key, features: list[str] | None = None) -> str:
            """Look up what is known right now about one entity, such as how much a card was used in the last day.

            Use it when the question is about one entity that has a key, and a feature view covers it. Do not use it for
            totals or lists over many rows: write SQL for these.

            `view` is the name of a feature view. `keys` has every key of the view with its value, such as
            {"card_id": 7}. `features` are the names that are wanted; leave it out for all of them. The result has
            `features` by name; where it has a `reason`, all are null because of it.
            """
            return self._kept("get_features", lambda: self._looked_up(view, keys, features or []))

        return get_features

    def _score(self) -> Callable[..., str]:
        def score(model: str, keys: Key) -> str:
            """Predict with a registered model for one subject, such as the risk of a payment, and say why.

            Use it when the question asks how risky, likely or suitable something with a key is, or why it was flagged.
            Do not guess such numbers.

            `model` is the name of a model. `keys` has the model's key with its value, such as {"payment_id": 123}. The
            result has the `prediction`, whether it is `flagged` at the `threshold` (or the `ranking` of choices), and
            `reasons`: inputs with their values and what each adds to the score, the largest first.
            """
            return self._kept("score", lambda: self._scored(model, keys))

        return score

    def _looked_up(self, view: str, keys: Key, names: Sequence[str]) -> dict[str, Any]:
        at = datetime.now(UTC).replace(tzinfo=None)
        features = self.predictor.features
        [found] = features.get(self.principal, view, [keys], names, at)
        version, _ = features.state(features.registry.plan(view))
        values = {name: plain(value) for name, value in found.values.items()}
        return {
            "view": view, "keys": keys, "at": at.isoformat(), "features": values, "reason": found.reason,
            "version": version,
        }  # fmt: skip

    def _scored(self, model: str, keys: Key) -> dict[str, Any]:
        return self.predictor.score(self.principal, model, [keys])[0].as_json()

    def _kept(self, name: str, work: Callable[[], dict[str, Any]]) -> str:
        try:
            document = work()
        except DataError as error:
            self.failure = error
            return json.dumps({"error": {"kind": error.kind, "message": error.message, "remedy": error.remedy}})
        self.failure = None
        self.used.append((name, document))
        return json.dumps(document, ensure_ascii=False)


def answered(tools: Sequence[BaseTool], calls: Sequence[Mapping[str, Any]]) -> list[ToolMessage]:
    """What the calls of a model's reply give, as it reads it."""
    from langchain_core.messages import ToolMessage

    known = {tool.name: tool for tool in tools}
    return [ToolMessage(_called(known, call), tool_call_id=call["id"] or "") for call in calls]


def _called(known: Mapping[str, BaseTool], call: Mapping[str, Any]) -> str:
    """What a call gives; what is wrong with it is for the model to read."""
    if call["name"] not in known:
        return _wrong("not_found", f"There is no tool '{call['name']}'.")
    try:
        return str(known[call["name"]].invoke(call["args"]))
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        return _wrong("invalid", f"The arguments are wrong: {said}.")


def _wrong(kind: str, message: str) -> str:
    return json.dumps({"error": {"kind": kind, "message": message, "remedy": ""}})
