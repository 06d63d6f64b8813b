"""The kernels for ragged streams are given what they want, and their results are read as they are meant."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from finetune import attention, flash
from finetune.layout import Layout


def inputs(device: str, dtype: torch.dtype) -> tuple[Layout, list[Tensor]]:
    chance = torch.Generator().manual_seed(0)
    sizes = (n for n in (9, 3, 3, 9))
    given = [torch.randn(23, n, 64, generator=chance, dtype=torch.float64).to(device, dtype) for n in sizes]
    return Layout.of([5, 2], [[3, 1, 4], [2, 6]], torch.device(device)), given


def passed(layout: Layout, given: list[Tensor]) -> list[Tensor]:
    """The output and the gradients of q, k and v."""
    q, k, v, grad = given
    kept: list[Tensor] = []
    context = SimpleNamespace(save_for_backward=lambda *tensors: kept.extend(tensors))
    out = attention.PackAttention.forward(context, q, k, v, layout)
    context.saved_tensors = kept
    return [out, *attention.PackAttention.backward(context, grad)[:3]]


def test_shapes_and_types_are_those_of_the_real_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """By PyTorch's own meta kernels, which need no GPU."""
    monkeypatch.setattr(flash, "ragged", lambda _: True)
    layout, given = inputs("meta", torch.bfloat16)
    results = passed(layout, given)
    assert [t.shape for t in results] == [given[n].shape for n in (0, 0, 1, 2)]
    assert {t.dtype for t in results} == {torch.bfloat16}


def test_both_kinds_of_kernel_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    layout, given = inputs("cpu", torch.float64)
    expected = passed(layout, given)
    monkeypatch.setattr(flash, "ragged", lambda _: True)
    monkeypatch.setattr(torch.ops.aten, "_flash_attention_forward", written_out)
    monkeypatch.setattr(torch.ops.aten, "_flash_attention_backward", written_out_backward)
    for one, other in zip(passed(layout, given), expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def cut(rows: Tensor, ends: Tensor, groups: int = 1) -> list[Tensor]:
    """Sequence by sequence (H, S, D), heads repeated."""
    assert ends.dtype == torch.int32
    return [part.repeat_interleave(groups, 1).transpose(0, 1) for part in rows.split(ends.diff().tolist())]


def written_out(
    q: Tensor, k: Tensor, v: Tensor, q_ends: Tensor, k_ends: Tensor, q_most: int, k_most: int, *rest: object
) -> tuple[Tensor, ...]:
    """What the documentation of `torch.nn.attention.varlen` says: log-sum-exps are (H, N)."""
    groups = q.shape[1] // k.shape[1]
    assert (q_most, k_most) == (int(q_ends.diff().max()), int(k_ends.diff().max()))
    sequences = zip(cut(q, q_ends), cut(k, k_ends, groups), cut(v, k_ends, groups), strict=True)
    parts = [flash.plain(*sequence, 0.0, bool(rest[1])) for sequence in sequences]
    return torch.cat([out.transpose(0, 1) for out, _ in parts]), torch.cat([sums for _, sums in parts], 1)


def written_out_backward(
    grad: Tensor, q: Tensor, k: Tensor, v: Tensor, out: Tensor, sums: Tensor, q_ends: Tensor, k_ends: Tensor,
    *rest: object,
) -> tuple[Tensor, ...]:  # fmt: skip
    assert sums.is_contiguous()
    groups = q.shape[1] // k.shape[1]
    shares = [part.squeeze(-1) for part in cut(sums.t().unsqueeze(-1), q_ends)]
    keys = (cut(k, k_ends, groups), cut(v, k_ends, groups))
    sequences = zip(cut(grad, q_ends), cut(q, q_ends), *keys, cut(out, q_ends), shares, strict=True)
    parts = [flash.plain_backward(*sequence, 0.0, bool(rest[3])) for sequence in sequences]
    dq, dk, dv = (torch.cat([part.transpose(0, 1) for part in grads]) for grads in zip(*parts, strict=True))
    return dq, *(t.unflatten(1, (k.shape[1], -1)).sum(2) for t in (dk, dv))
