"""The differentiable pieces of a Llama layer, written so that a LoRA step does as little work as it can.

Each is an autograd function that keeps only what its backward needs and recomputes the rest. Shapes: T tokens
in one flat stream, H query heads, K key heads, D the size of a head.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F


class LoraLinear(torch.autograd.Function):
    """`y = x @ (W + scale * B @ A).T` for several weights side by side, differentiated for x, A and B only.

    x (T, in); weight (out, in) of the same precision; then per part its rows of `out`, A (r, in) and
    B (rows, r). The pair has a path of its own: a sum in half precision would round most of B @ A away.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, scale: float, rows: tuple[slice, ...], *lora: Tensor) -> Tensor:
        ups = [(up * scale).to(x.dtype) for up in lora[1::2]]
        # All A side by side: x is read once for them and not once for each.
        downs, ranks = torch.cat(lora[0::2]).to(x.dtype), [down.shape[0] for down in lora[0::2]]
        inner = F.linear(x, downs)
        result = F.linear(x, weight)
        for part, mid, up in zip(rows, inner.split(ranks, 1), ups, strict=True):
            result[:, part].addmm_(mid, up.t())
        ctx.save_for_backward(x, weight, inner, downs, *ups)
        ctx.scale, ctx.rows, ctx.ranks = scale, rows, ranks
        return result

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        x, weight, inner, downs, *ups = ctx.saved_tensors
        parts = [grad[:, rows] for rows in ctx.rows]
        outer = torch.cat([part @ up for part, up in zip(parts, ups, strict=True)], 1)
        down_grads = (outer.t() @ x).float().split(ctx.ranks)
        mids = inner.split(ctx.ranks, 1)
        up_grads = [(mid.t() @ part).t().float() * ctx.scale for mid, part in zip(mids, parts, strict=True)]
        # The first layer's input is the frozen embedding: nothing lies below it.
        below = (grad @ weight).addmm_(outer, downs) if ctx.needs_input_grad[0] else None
        pairs = [g for pair in zip(down_grads, up_grads, strict=True) for g in pair]
        return (below, None, None, None, *pairs)


class Norm(torch.autograd.Function):
    """RMS norm over the last axis of a single precision x, with a frozen weight whose precision it returns."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, eps: float) -> Tensor:
        mean = torch.linalg.vector_norm(x, dim=-1, keepdim=True).square_().div_(x.shape[-1])
        scale = mean.add_(eps).rsqrt_()
        ctx.save_for_backward(x, weight, scale)
        return (x * scale).mul_(weight).to(weight.dtype)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        x, weight, scale = ctx.saved_tensors
        inner = grad * weight.to(x.dtype)
        shared = torch.linalg.vecdot(inner, x).unsqueeze(-1).mul_(scale.pow(3)).div_(-x.shape[-1])
        return inner.mul_(scale).addcmul_(x, shared), None, None


class Gate(torch.autograd.Function):
    """`silu(gate) * up` for both projections side by side: (T, 2 m) to (T, m)."""

    @staticmethod
    def forward(ctx: Any, both: Tensor) -> Tensor:
        ctx.save_for_backward(both)
        gate, up = both.chunk(2, dim=-1)
        return F.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (both,) = ctx.saved_tensors
        gate, up = both.chunk(2, dim=-1)
        out = torch.empty_like(both)
        torch.mul(F.silu(gate), grad, out=out[:, up.shape[1] :])
        out[:, : up.shape[1]] = torch.ops.aten.silu_backward(grad * up, gate)
        return out


class Rotary(torch.autograd.Function):
    """Rotary position embedding of (T, heads, D) by cos and sin (T, 1, D); its backward turns back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        ctx.save_for_backward(cos, sin)
        return _rotate(x, cos, sin)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        cos, sin = ctx.saved_tensors
        return _rotate(grad, cos, -sin), None, None


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    out = x * cos
    out[..., :half].addcmul_(x[..., half:], sin[..., :half], value=-1)
    out[..., half:].addcmul_(x[..., :half], sin[..., half:])
    return out


class AnswerLoss(torch.autograd.Function):
    """Summed cross-entropy of hidden states (N, width) against ids (N,), with a frozen head (words, width).

    The gradient is formed in the forward pass, block by block, so that the logits of all rows never exist at
    once.
    """

    BLOCK: ClassVar = {"cpu": 128, "cuda": 4096}
    """Rows of a block: as few as fit a processor's cache, as many as keep a GPU busy."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, head: Tensor, ids: Tensor) -> Tensor:
        grad, total = torch.empty_like(hidden), torch.zeros((), device=hidden.device)
        block = AnswerLoss.BLOCK["cuda" if hidden.is_cuda else "cpu"]
        for start in range(0, len(ids), block):
            part = slice(start, start + block)
            logits, label = F.linear(hidden[part], head).float(), ids[part, None]
            log_sum = logits.logsumexp(-1, keepdim=True)
            total += (log_sum - logits.gather(1, label)).sum()
            chance = logits.sub_(log_sum).exp_()
            grad[part] = chance.scatter_add_(1, label, -torch.ones_like(log_sum)).to(head.dtype) @ head
        ctx.save_for_backward(grad)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        return ctx.saved_tensors[0] * grad, None, None
