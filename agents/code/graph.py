"""Coding: prepare → write → check → permit? → run → compare → judge → write again, or review? → commit."""

from __future__ import annotations

from typing import Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agents.code import record
from agents.code.desk import TRIES, Desk
from agents.code.nodes import NODES, step
from agents.code.state import CodeState

REPAIRABLE = ("invalid", "not_found", "too_expensive")

Graph = CompiledStateGraph[CodeState, Desk, CodeState, CodeState]


def after_prepare(state: CodeState) -> Literal["write", "deliver"]:
    """Where nothing could be looked up there is nothing to write from."""
    return "deliver" if state["error"] else "write"


def after_write(state: CodeState) -> Literal["check", "judge", "deliver"]:
    """A writer that asks back, gives up or repeats itself isn't pressed; one that wrote nothing is told."""
    if state["status"] != "running":
        return "deliver"
    if state["error"]:
        return "judge" if state["draft"] else "deliver"
    return "check"


def after_check(state: CodeState) -> Literal["permit", "run", "judge"]:
    """Only what passed is run, and in mode plan nothing is."""
    if state["error"] or state["mode"] == "plan":
        return "judge"
    return "permit" if state["mode"] == "ask" else "run"


def after_permit(state: CodeState) -> Literal["run", "deliver"]:
    """What a person did not allow is not run."""
    return "deliver" if state["status"] == "denied" else "run"


def after_run(state: CodeState) -> Literal["compare", "judge"]:
    """A program that failed has nothing to compare."""
    return "judge" if state["error"] else "compare"


def after_judge(state: CodeState) -> Literal["write", "review", "deliver"]:
    """What is no good is written again, as long as there are tries."""
    attempts = record.attempts_of(state)
    if attempts[-1].good:
        return "review" if state["write_back"] and state["mode"] != "plan" else "deliver"
    error = state["error"]
    mendable = error is None or error["kind"] in REPAIRABLE
    return "write" if mendable and len(attempts) < TRIES else "deliver"


def after_review(state: CodeState) -> Literal["commit", "deliver"]:
    """Nothing is written unless a person allowed it."""
    return "deliver" if state["status"] == "denied" else "commit"


builder = StateGraph(CodeState, context_schema=Desk)
for node in NODES:
    builder.add_node(node.__name__, step(node))

builder.add_edge(START, "prepare")
builder.add_conditional_edges("prepare", after_prepare)
builder.add_conditional_edges("write", after_write)
builder.add_conditional_edges("check", after_check)
builder.add_conditional_edges("permit", after_permit)
builder.add_conditional_edges("run", after_run)
builder.add_edge("compare", "judge")
builder.add_conditional_edges("judge", after_judge)
builder.add_conditional_edges("review", after_review)
builder.add_edge("commit", "deliver")
builder.add_edge("deliver", END)


def compiled(checkpointer: BaseCheckpointSaver[str]) -> Graph:
    """The graph, ready to run; each task is a thread of its own."""
    return builder.compile(checkpointer=checkpointer, name="code")
