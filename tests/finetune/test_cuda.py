"""On a GPU, training computes what it computes on a processor."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from finetune import flash
from finetune.attention import attend
from finetune.layout import Layout
from finetune.llama import LoraLlama
from finetune.packing import Pack, Segment

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")


def test_ragged_attention_equals_single_precision() -> None:
    chance = torch.Generator().manual_seed(0)
    given = [torch.randn(640, n, 64, generator=chance).bfloat16() for n in (9, 3, 3, 9)]
    sizes = ([300, 120], [[50, 1, 70], [40, 59]])
    results = []
    for device, precision in (("cpu", torch.float32), ("cuda", torch.bfloat16)):
        q, k, v, weight = (t.to(device, precision) for t in given)
        inputs = [t.requires_grad_() for t in (q, k, v)]
        out = attend(*inputs, Layout.of(*sizes, torch.device(device)))
        assert flash.ragged(q) == (device == "cuda")
        results.append([t.float().cpu() for t in (out, *torch.autograd.grad((out * weight).sum(), inputs))])
    for exact, rounded in zip(*results, strict=True):
        torch.testing.assert_close(rounded, exact, rtol=0.03, atol=0.03)


def test_loss_and_gradients_follow_the_processor(grouped: Path) -> None:
    chance = torch.Generator().manual_seed(1)

    def ids(count: int) -> tuple[int, ...]:
        return tuple(torch.randint(0, 500, (count,), generator=chance).tolist())

    packs = [Pack(ids(n), tuple(Segment(ids(20 + n % 7), 9) for _ in range(4))) for n in (40, 90)]
    models = []
    for device, precision in (("cpu", torch.float32), ("cuda", torch.bfloat16), ("cuda", torch.float32)):
        shape = {"r": 4, "alpha": 8.0, "targets": frozenset({"q_proj", "v_proj", "down_proj"}), "seed": 1}
        model = LoraLlama(grouped, **shape, device=device, precision=precision)  # type: ignore[arg-type]
        with torch.no_grad():
            for number, (_, up) in enumerate(model.adapters.values()):
                up.copy_(0.1 * torch.randn(up.shape, generator=torch.Generator().manual_seed(number)))
        loss = model.loss(packs)
        loss.backward()
        models.append((loss.item(), model))
    (exact, processor), *others = models
    for (loss, model), tolerance in zip(others, (0.01, 1e-4), strict=True):
        assert loss == pytest.approx(exact, rel=tolerance)
        for name, pair in processor.adapters.items():
            for one, other in zip(pair, model.adapters[name], strict=True):
                assert F.cosine_similarity(one.grad.flatten(), other.grad.cpu().flatten(), dim=0) > 1 - 2 * tolerance


@pytest.fixture
def grouped(tmp_path: Path) -> Path:
    """Two random layers with three query heads to a key head, and no tokenizer."""
    import json

    from safetensors.torch import save_file

    sizes = {"q_proj": (192, 192), "k_proj": (64, 192), "v_proj": (64, 192), "o_proj": (192, 192)}
    sizes |= {"gate_proj": (256, 192), "up_proj": (256, 192), "down_proj": (192, 256)}
    chance = torch.Generator().manual_seed(2)
    state = {"model.embed_tokens.weight": torch.randn(500, 192, generator=chance), "model.norm.weight": torch.ones(192)}
    for number in range(2):
        for name, shape in sizes.items():
            part = "self_attn" if shape[0] <= 192 and "down" not in name else "mlp"
            state[f"model.layers.{number}.{part}.{name}.weight"] = 0.07 * torch.randn(*shape, generator=chance)
        for name in ("input_layernorm", "post_attention_layernorm"):
            state[f"model.layers.{number}.{name}.weight"] = torch.ones(192)
    save_file(state, str(tmp_path / "model.safetensors"))
    config = {"model_type": "llama", "num_hidden_layers": 2, "num_attention_heads": 3, "num_key_value_heads": 1}
    config |= {"head_dim": 64, "hidden_size": 192, "intermediate_size": 256, "rms_norm_eps": 1e-5}
    rotary = {"rope_theta": 10000.0, "rope_type": "default"}
    (tmp_path / "config.json").write_text(
        json.dumps(config | {"max_position_embeddings": 512, "rope_parameters": rotary})
    )
    return tmp_path
