"""Attention of packs: a prefix to itself, every segment to its prefix and to itself.

The segments' scores against their prefix are one product with the prefix's keys, which are never copied.
The two parts of a segment's softmax are joined by their log-sum-exps, as in ring attention (Liu et al.,
2023): the backward of each part, given the joined output and log-sum-exp, is exactly its share of the whole
gradient.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from finetune import flash
from finetune.layout import Layout


def attend(q: Tensor, k: Tensor, v: Tensor, layout: Layout) -> Tensor:
    """Attention of the flat stream: q (T, H, D), k and v (T, K, D) to (T, H, D)."""
    result: Tensor = PackAttention.apply(q, k, v, layout)
    return result


class PackAttention(torch.autograd.Function):
    """`attend`, of whose three parts only the output and the log-sum-exps are kept."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, layout: Layout) -> Tensor:
        cut, prefixes, segments = layout.cut, layout.prefixes, layout.segments
        head, head_sums = flash.forward(q[:cut], k[:cut], v[:cut], prefixes, prefixes, causal=True)
        far, far_sums = flash.forward(q[cut:], k[:cut], v[:cut], layout.behind, prefixes, causal=False)
        near, near_sums = flash.forward(q[cut:], k[cut:], v[cut:], segments, segments, causal=True)
        both = torch.logaddexp(far_sums, near_sums)
        shares = [(part - both).exp_().to(q.dtype).unsqueeze(-1) for part in (far_sums, near_sums)]
        out = torch.cat([head, far.mul_(shares[0]).addcmul_(near, shares[1])])
        ctx.save_for_backward(q, k, v, out, head_sums, both)
        ctx.layout = layout
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        q, k, v, out, head_sums, both = ctx.saved_tensors
        layout: Layout = ctx.layout
        cut, prefixes, segments = layout.cut, layout.prefixes, layout.segments
        first = (grad[:cut], q[:cut], k[:cut], v[:cut], out[:cut], head_sums)
        hq, hk, hv = flash.backward(*first, prefixes, prefixes, causal=True)
        across = (grad[cut:], q[cut:], k[:cut], v[:cut], out[cut:], both)
        fq, fk, fv = flash.backward(*across, layout.behind, prefixes, causal=False)
        within = (grad[cut:], q[cut:], k[cut:], v[cut:], out[cut:], both)
        nq, nk, nv = flash.backward(*within, segments, segments, causal=True)
        return torch.cat([hq, fq.add_(nq)]), torch.cat([fk.add_(hk), nk]), torch.cat([fv.add_(hv), nv]), None
