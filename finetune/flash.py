"""Attention between two ragged streams, with the log-sum-exps that let parts of a softmax be joined.

Queries (N, H, D), keys and values (M, K, D) with K dividing H; sequence i of the queries sees sequence i of the
keys, `causal` only up to its own row (the two are the same sequences then). A GPU in half precision runs PyTorch's
FlashAttention over ragged streams; elsewhere sequences that see themselves are padded into one rectangle, and
others are taken one by one. The backward of a part takes the output and the log-sum-exps of the whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from finetune.layout import Ragged

Triple = tuple[Tensor, Tensor, Tensor]

NEVER = 1e30
"""A log-sum-exp so large that the attention weights of a padding row are exactly zero."""


def forward(q: Tensor, k: Tensor, v: Tensor, queries: Ragged, keys: Ragged, *, causal: bool) -> tuple[Tensor, Tensor]:
    """The output (N, H, D) and the log-sum-exps (N, H) of the scores."""
    if ragged(q):
        sizes = (queries.ends, keys.ends, queries.longest, keys.longest)
        out, sums, *_ = torch.ops.aten._flash_attention_forward(q, k, v, *sizes, 0.0, causal, False)
        return out, sums.t()
    if causal:
        out, sums = dense(q)[0](*_rectangles(q, k, v, queries), 0.0, True)
        return _rows(out, queries), _rows(sums.unsqueeze(-1), queries).squeeze(-1)
    parts = [_across(*part) for part in _pairs(q, k, v, queries, keys)]
    return torch.cat([out for out, _ in parts]), torch.cat([sums for _, sums in parts])


def backward(
    grad: Tensor, q: Tensor, k: Tensor, v: Tensor, out: Tensor, sums: Tensor, queries: Ragged, keys: Ragged, *,
    causal: bool,
) -> Triple:  # fmt: skip
    """The gradients of q, k and v, given the gradient of the output."""
    if ragged(q):
        sizes = (queries.ends, keys.ends, queries.longest, keys.longest)
        none = torch.zeros(2, dtype=torch.uint64, device=q.device)  # the state of a dropout that isn't there
        around = (grad.contiguous(), q, k, v, out, sums.t().contiguous())
        result: Triple = torch.ops.aten._flash_attention_backward(*around, *sizes, 0.0, causal, none, none[:1])
        return result
    if causal:
        return _within_backward(grad, q, k, v, out, sums, queries)
    each = zip(_pairs(q, k, v, queries, keys), *(t.split(queries.lengths) for t in (grad, out, sums)), strict=True)
    parts = [_across_backward(part, *around) for part, *around in each]
    dq, dk, dv = (torch.cat(grads) for grads in zip(*parts, strict=True))
    return dq, dk, dv


def ragged(q: Tensor) -> bool:
    """Whether the device has a kernel for ragged streams of this precision."""
    return q.device.type == "cuda" and q.dtype in (torch.float16, torch.bfloat16)


def dense(q: Tensor) -> tuple[Callable[..., tuple[Tensor, Tensor]], Callable[..., Triple]]:
    """Attention over rectangles (B, H, S, D) and its backward, on this device."""
    if q.device.type == "cpu":
        ops = torch.ops.aten
        return ops._scaled_dot_product_flash_attention_for_cpu, ops._scaled_dot_product_flash_attention_for_cpu_backward
    return plain, plain_backward


def plain(q: Tensor, k: Tensor, v: Tensor, dropout: float, causal: bool) -> tuple[Tensor, Tensor]:
    """Written out, for devices that have no kernel of their own."""
    scores = _scores(q, k, causal)
    sums = scores.logsumexp(-1)
    return ((scores - sums.unsqueeze(-1)).exp() @ v.to(scores.dtype)).to(q.dtype), sums


def plain_backward(
    grad: Tensor, q: Tensor, k: Tensor, v: Tensor, out: Tensor, sums: Tensor, dropout: float, causal: bool
) -> Triple:
    """Dao et al., FlashAttention, 2022, algorithm 4, in one block."""
    weights = (_scores(q, k, causal) - sums.unsqueeze(-1)).exp()
    wide = grad.to(weights.dtype)
    inner = wide @ v.to(weights.dtype).mT - (wide * out).sum(-1, keepdim=True)
    scores = weights * inner / math.sqrt(q.shape[-1])
    grads = (scores @ k.to(scores.dtype), scores.mT @ q.to(scores.dtype), weights.mT @ wide)
    dq, dk, dv = (t.to(q.dtype) for t in grads)
    return dq, dk, dv


def _scores(q: Tensor, k: Tensor, causal: bool) -> Tensor:
    scores = (q @ k.mT).to(torch.promote_types(q.dtype, torch.float32)) / math.sqrt(q.shape[-1])
    if causal:
        future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).triu(1)
        scores = scores.masked_fill(future, -math.inf)
    return scores


def _rectangle(rows: Tensor, sequences: Ragged) -> Tensor:
    """(N, H, D) to (B, H, S, D), padding rows a copy of row 0."""
    return (rows[None] if len(sequences) == 1 else rows[sequences.padded]).transpose(1, 2)


def _rows(rectangle: Tensor, sequences: Ragged) -> Tensor:
    """(B, H, S, D) back to (N, H, D)."""
    flat = rectangle.transpose(1, 2).flatten(0, 1)
    return flat if len(sequences) == 1 else flat[sequences.flat]


def _rectangles(q: Tensor, k: Tensor, v: Tensor, sequences: Ragged) -> Triple:
    """(B, H, S, D) each, keys repeated for their query heads."""
    groups = q.shape[1] // k.shape[1]
    keys, values = (_rectangle(t, sequences).repeat_interleave(groups, 1) for t in (k, v))
    return _rectangle(q, sequences), keys, values


def _within_backward(
    grad: Tensor, q: Tensor, k: Tensor, v: Tensor, out: Tensor, sums: Tensor, sequences: Ragged
) -> Triple:
    """Padding rows get no gradient and no weight."""
    blank = sequences.padding[:, None, :]
    given = _rectangle(grad, sequences).masked_fill(blank.unsqueeze(-1), 0.0)
    weights = _rectangle(sums.unsqueeze(-1), sequences).squeeze(-1).masked_fill(blank, NEVER).contiguous()
    around = (given, *_rectangles(q, k, v, sequences), _rectangle(out, sequences), weights)
    dq, dk, dv = (_rows(t, sequences) for t in dense(q)[1](*around, 0.0, True))
    return dq, *(t.unflatten(1, (k.shape[1], -1)).sum(2) for t in (dk, dv))


def _pairs(q: Tensor, k: Tensor, v: Tensor, queries: Ragged, keys: Ragged) -> list[Triple]:
    """Queries, keys and values of each sequence."""
    parts = (q.split(queries.lengths), k.split(keys.lengths), v.split(keys.lengths))
    return list(zip(*parts, strict=True))


def _grouped(rows: Tensor, key_heads: int) -> Tensor:
    """(N, H, D) to (groups, K, N, D): query heads of one key head become a batch, so keys need no copy."""
    return rows.unflatten(1, (key_heads, -1)).permute(2, 1, 0, 3)


def _across_inputs(q: Tensor, k: Tensor, v: Tensor) -> Triple:
    queries = _grouped(q, k.shape[1])
    keys, values = (t.transpose(0, 1).expand(queries.shape[0], -1, -1, -1) for t in (k, v))
    return queries, keys, values


def _across(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    out, sums = dense(q)[0](*_across_inputs(q, k, v), 0.0, False)
    return out.permute(2, 1, 0, 3).flatten(1, 2), sums.permute(2, 1, 0).flatten(1)


def _across_backward(part: Triple, grad: Tensor, out: Tensor, sums: Tensor) -> Triple:
    key_heads = part[1].shape[1]
    weights = _grouped(sums.unsqueeze(-1), key_heads).squeeze(-1).contiguous()
    around = (_grouped(grad, key_heads), *_across_inputs(*part), _grouped(out, key_heads), weights)
    dq, dk, dv = dense(grad)[1](*around, 0.0, False)
    return dq.permute(2, 1, 0, 3).flatten(1, 2), dk.sum(0).transpose(0, 1), dv.sum(0).transpose(0, 1)
