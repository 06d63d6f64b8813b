"""Filling: understand → resolve → clarify? → plan → fetch → check → review, as often as there are answers → sign."""

from __future__ import annotations

from typing import Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agents.forms.desk import Desk
from agents.forms.nodes import NODES, step
from agents.forms.state import FormState

Graph = CompiledStateGraph[FormState, Desk, FormState, FormState]


def after_resolve(state: FormState) -> Literal["clarify", "plan"]:
    """Of several subjects a person chooses one."""
    return "clarify" if state["subject"] is None else "plan"


def after_review(state: FormState) -> Literal["amend", "sign"]:
    """Answers are looked at once more; a signature ends it."""
    return "sign" if state["decision"].get("sign") else "amend"


builder = StateGraph(FormState, context_schema=Desk)
for node in NODES:
    builder.add_node(node.__name__, step(node))

builder.add_edge(START, "understand")
builder.add_edge("understand", "resolve")
builder.add_conditional_edges("resolve", after_resolve)
builder.add_edge("clarify", "plan")
builder.add_edge("plan", "fetch")
builder.add_edge("fetch", "check")
builder.add_edge("check", "review")
builder.add_conditional_edges("review", after_review)
builder.add_edge("amend", "check")
builder.add_edge("sign", END)


def compiled(checkpointer: BaseCheckpointSaver[str]) -> Graph:
    """The graph, ready to run; each filling is a thread of its own."""
    return builder.compile(checkpointer=checkpointer, name="forms")
