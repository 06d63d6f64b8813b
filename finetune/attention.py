"""Attention of a pack: the prefix to itself, every segment to the prefix and to itself.

The segments' scores against the prefix are one large product with the prefix's keys, which are never copied.
The two parts of a segment's softmax are joined by their log-sum-exps, as in ring attention (Liu et al.,
2023): the backward of each part, given the joined output and log-sum-exp, is exactly its share of the whole
gradient.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from finetune.kernels import NEVER, Layout, flash, flash_backward


def attend(q: Tensor, k: Tensor, v: Tensor, layout: Layout) -> Tensor:
    """Attention of the flat stream: q (T, H, D), k and v (T, K, D) to (T, H, D)."""
    if q.device.type == "cpu":
        result: Tensor = PackAttention.apply(q, k, v, layout)
        return result
    return attend_plain(q, k, v, layout)


def attend_plain(q: Tensor, k: Tensor, v: Tensor, layout: Layout) -> Tensor:
    """The same by one masked product, for devices without the split kernels."""
    count = layout.padded.shape[0]
    column = torch.arange(layout.padded.shape[1], device=q.device)
    segment = torch.arange(count, device=q.device)[:, None].expand(layout.padded.shape).flatten()[layout.flat]
    owner = torch.cat([segment.new_full((layout.prefix,), -1), segment])
    order = torch.cat([torch.arange(layout.prefix, device=q.device), layout.prefix + column.repeat(count)[layout.flat]])
    seen = (owner[None, :] == owner[:, None]) | (owner[None, :] == -1)
    mask = seen & (order[None, :] <= order[:, None])
    queries, keys, values = _heads(q, k, v)
    return F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)[0].transpose(0, 1)


class PackAttention(torch.autograd.Function):
    """`attend` on the CPU's flash kernels."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, layout: Layout) -> Tensor:
        out = torch.empty_like(q)
        cut = layout.prefix
        head_sums = _prefix_forward(q, k, v, out, cut)
        far, far_sum = flash(*_far(q, k, v, cut))
        near, near_sum = flash(*_near(q, k, v, layout), 0.0, True)
        far, near = _from_far(far), _from_near(near, layout)
        far_sum, near_sum = _from_far(far_sum.unsqueeze(-1)), _from_near(near_sum.unsqueeze(-1), layout)
        both = torch.logaddexp(far_sum, near_sum)
        shares = [(part - both).exp_().to(q.dtype) for part in (far_sum, near_sum)]
        out[cut:] = far.mul_(shares[0]).addcmul_(near, shares[1])
        ctx.save_for_backward(q, k, v, out, head_sums, both)
        ctx.layout = layout
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        q, k, v, out, head_sums, both = ctx.saved_tensors
        layout: Layout = ctx.layout
        cut = layout.prefix
        dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        _prefix_backward(grad, q, k, v, out, head_sums, (dq, dk, dv), cut)
        q_far, k_far, v_far = _far(q, k, v, cut)
        sums = _to_far(both, k.shape[1]).squeeze(-1).contiguous()
        parts = (_to_far(grad[cut:], k.shape[1]), q_far, k_far, v_far, _to_far(out[cut:], k.shape[1]), sums)
        fq, fk, fv = flash_backward(*parts, 0.0, False)
        dk[:cut] += fk.sum(0).transpose(0, 1)
        dv[:cut] += fv.sum(0).transpose(0, 1)
        nq, nk, nv = flash_backward(*_near_grad(grad, q, k, v, out, both, layout), 0.0, True)
        dq[cut:] = _from_far(fq).add_(_from_near(nq, layout))
        dk[cut:], dv[cut:] = (_from_near(t, layout).unflatten(1, (k.shape[1], -1)).sum(2) for t in (nk, nv))
        return dq, dk, dv, None


def _prefix_forward(q: Tensor, k: Tensor, v: Tensor, out: Tensor, cut: int) -> Tensor:
    result, sums = flash(*_heads(q[:cut], k[:cut], v[:cut]), 0.0, True)
    out[:cut] = result[0].transpose(0, 1)
    return sums


def _prefix_backward(
    grad: Tensor,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    out: Tensor,
    sums: Tensor,
    into: tuple[Tensor, ...],
    cut: int,
) -> None:
    heads = _heads(q[:cut], k[:cut], v[:cut])
    around = [t[:cut].transpose(0, 1)[None] for t in (grad, out)]
    got = flash_backward(around[0], *heads, around[1], sums, 0.0, True)
    into[0][:cut] = got[0][0].transpose(0, 1)
    for target, value in zip(into[1:], got[1:], strict=True):
        target[:cut] = value[0].transpose(0, 1).unflatten(1, (k.shape[1], -1)).sum(2)


def _heads(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, ...]:
    """(1, H, T, D) each, keys repeated for their query heads."""
    groups = q.shape[1] // k.shape[1]
    repeated = (q, k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1))
    return tuple(t.transpose(0, 1)[None] for t in repeated)


def _to_far(rows: Tensor, key_heads: int) -> Tensor:
    """(N, H, D) to (groups, K, N, D): query heads of one key head become a batch, so keys need no copy."""
    return rows.unflatten(1, (key_heads, -1)).permute(2, 1, 0, 3)


def _from_far(far: Tensor) -> Tensor:
    """(groups, K, N, D) back to (N, H, D), as a copy."""
    return far.permute(2, 1, 0, 3).flatten(1, 2)


def _far(q: Tensor, k: Tensor, v: Tensor, cut: int) -> tuple[Tensor, Tensor, Tensor]:
    queries = _to_far(q[cut:], k.shape[1])
    keys, values = (t[:cut].transpose(0, 1).expand(queries.shape[0], -1, -1, -1) for t in (k, v))
    return queries, keys, values


def _to_near(rows: Tensor, layout: Layout) -> Tensor:
    """(N, H, D) behind the prefix to (B, H, S, D), padding rows a copy of row 0."""
    return rows[layout.padded].transpose(1, 2)


def _from_near(near: Tensor, layout: Layout) -> Tensor:
    """(B, H, S, D) back to (N, H, D)."""
    return near.transpose(1, 2).flatten(0, 1)[layout.flat]


def _near(q: Tensor, k: Tensor, v: Tensor, layout: Layout) -> tuple[Tensor, ...]:
    groups, cut = q.shape[1] // k.shape[1], layout.prefix
    keys, values = (_to_near(t[cut:], layout).repeat_interleave(groups, 1) for t in (k, v))
    return _to_near(q[cut:], layout), keys, values


def _near_grad(
    grad: Tensor, q: Tensor, k: Tensor, v: Tensor, out: Tensor, both: Tensor, layout: Layout
) -> tuple[Tensor, ...]:
    """Arguments of the near backward; padding rows get no gradient and no weight."""
    cut, blank = layout.prefix, layout.padding[:, None, :]
    given = _to_near(grad[cut:], layout).masked_fill(blank.unsqueeze(-1), 0.0)
    sums = _to_near(both, layout).squeeze(-1).masked_fill(blank, NEVER).contiguous()
    return (given, *_near(q, k, v, layout), _to_near(out[cut:], layout), sums)
