"""The model's graph for several sequences in one pass: all their tokens go through each weight together, and each
sequence attends to its own keys and values.

Rows are of any length, as in a ragged batch: nothing is padded, so every sequence gets the digits that it gets alone.
The graph has a fixed number of slots, a sequence each; one that is not needed repeats the first token, for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from data.errors import Unavailable

ATTENTION, PRUNE = "GroupQueryAttention", "lm_head/prune/Gather"
QKV, PAST, SEEN, TOTAL = range(3), (3, 4), 5, 6
"""The inputs of an attention: what it reads of a step, what it keeps, and how many tokens it has then (less one)."""
IDS, LAST, TOKENS, LOGITS = "input_ids", "last", "tokens", "logits"
"""`last` has the place of each row's last token among the `tokens` of a step."""
FIRST, STEP = "ragged.first", "ragged.step"


def slot(name: str, at: int) -> str:
    """What a slot calls its own of something."""
    return f"{name}.{at}"


def graph(file: Path, slots: int) -> bytes:
    """The graph of a model that `agents.endpoints.export` built, for up to so many sequences. Its weights stay in the
    model's own file. Unavailable where the model is built in another way."""
    import onnx

    model = onnx.load(str(file), load_external_data=False)
    whole = model.graph
    kinds = {given.name: given.type.tensor_type.elem_type for given in whole.input}
    nodes = [made for node in whole.node for made in (_parted(node, slots) if node.op_type == ATTENTION else [node])]
    _last_tokens(nodes, file)
    kept = [node for node in whole.node if node.op_type == ATTENTION]
    inputs = [*_steps(slots), *_values([n.input[at] for n in kept for at in PAST], slots, kinds[kept[0].input[3]])]
    outputs = _values([n.output[at] for n in kept for at in (1, 2)], slots, kinds[kept[0].input[3]])
    outputs.append(_info(LOGITS, onnx.TensorProto.FLOAT, None))
    needed = _needed(nodes, [output.name for output in outputs])
    for field, now in ((whole.node, needed), (whole.input, inputs), (whole.output, outputs), (whole.value_info, [])):
        del field[:]
        field.extend(now)
    whole.initializer.extend(_integers(name, [value]) for name, value in ((FIRST, 0), (STEP, 1)))
    return bytes(model.SerializeToString())


def _parted(node: Any, slots: int) -> Iterator[Any]:
    """An attention as one of each slot: its tokens are cut out, and what comes out is put together again."""
    from onnx import helper

    for at in range(slots):
        own = type(node)()
        own.CopyFrom(node)
        own.name = slot(node.name, at)
        for place in QKV:
            if node.input[place]:
                own.input[place] = slot(f"{node.name}.{place}", at)
                cut = [node.input[place], slot("begin", at), slot("end", at), STEP]
                yield helper.make_node("Slice", cut, [own.input[place]], name=own.input[place])
        for place in PAST:
            own.input[place] = slot(node.input[place], at)
        own.input[SEEN], own.input[TOTAL] = slot("seen", at), slot("total", at)
        own.output[:] = [slot(name, at) for name in node.output]
        yield own
    together = f"{node.name}.all"
    yield helper.make_node("Concat", [slot(node.output[0], at) for at in range(slots)], [together], together, axis=1)
    real = [together, FIRST, TOKENS, STEP]
    yield helper.make_node("Slice", real, [node.output[0]], name=f"{node.name}.real")


def _last_tokens(nodes: list[Any], file: Path) -> None:
    """The logits of each row's last token, where the model gives those of the last one alone."""
    prune = next((node for node in nodes if node.name.endswith(PRUNE)), None)
    follows = [node for node in nodes if prune is not None and prune.output[0] in node.input]
    if prune is None or [node.op_type for node in follows] != ["Unsqueeze"]:
        raise Unavailable(
            f"The model {str(file)!r} can't take several answers.", "Delete its folder: it is built anew."
        )
    nodes.remove(follows[0])
    prune.input[1], prune.output[0] = LAST, follows[0].output[0]


def _steps(slots: int) -> list[Any]:
    """The inputs that tell of a step."""
    from onnx import TensorProto

    long, short = TensorProto.INT64, TensorProto.INT32
    given = [_info(IDS, long, [1, TOKENS]), _info(LAST, long, ["rows"]), _info(TOKENS, long, [1])]
    for at in range(slots):
        given += [_info(slot(name, at), long, [1]) for name in ("begin", "end")]
        given += [_info(slot("seen", at), short, [1]), _info(slot("total", at), short, [])]
    return given


def _values(names: Sequence[str], slots: int, kind: int) -> list[Any]:
    return [_info(slot(name, at), kind, None) for name in names for at in range(slots)]


def _needed(nodes: list[Any], outputs: list[str]) -> list[Any]:
    """The nodes that something comes of: the reading of the attention mask is left over."""
    wanted, kept = set(outputs), list[Any]()
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.insert(0, node)
    return kept


def _info(name: str, kind: int, shape: Sequence[str | int] | None) -> Any:
    from onnx import helper

    return helper.make_tensor_value_info(name, kind, shape)


def _integers(name: str, values: list[int]) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor(name, TensorProto.INT64, [len(values)], values)
