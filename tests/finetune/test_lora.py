"""The packed training equals the ordinary one, can be interrupted, and writes what peft reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid
from finetune import attention, flash
from finetune.examples import write
from finetune.held import check
from finetune.layout import Layout
from finetune.llama import LoraLlama
from finetune.loop import CHECKPOINT, Tick, rate
from finetune.lora import train
from finetune.packing import Pack, packs, passes
from finetune.recipe import Recipe
from tests.finetune.ordinary import check as check_gradients
from tests.finetune.ordinary import enlivened

# peft 0.21 reads an attribute that transformers 5 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")

TARGETS = {
    "all": ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
    "attention": ("q_proj", "v_proj"),
    "one": ("up_proj",),
}


def lively(folder: Path, targets: tuple[str, ...], precision: torch.dtype = torch.float32) -> LoraLlama:
    """A model whose adapters are not zero, as they are at the start."""
    model = LoraLlama(folder, r=4, alpha=8, targets=frozenset(targets), seed=1, device="cpu", precision=precision)
    return enlivened(model)


@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS.keys())
@pytest.mark.parametrize("plain", [False, True], ids=["flash", "plain"])
def test_packed_loss_and_gradients_equal_the_ordinary_ones(
    tiny: Path,
    examples: list[dict[str, str]],
    targets: tuple[str, ...],
    plain: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if plain:
        monkeypatch.setattr(flash, "dense", lambda _: (flash.plain, flash.plain_backward))
    group = packs(examples, Dialogue.load(tiny))
    check_gradients(tiny, lively(tiny, targets), targets, group, 1e-6)


@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS.keys())
def test_the_biases_of_qwen2_are_part_of_its_layers(
    families: dict[str, Path], examples: list[dict[str, str]], targets: tuple[str, ...]
) -> None:
    folder = families["qwen2"]
    check_gradients(folder, lively(folder, targets), targets, packs(examples, Dialogue.load(folder)), 1e-6)


def test_half_precision_follows_single_precision(tiny: Path, examples: list[dict[str, str]]) -> None:
    group = packs(examples, Dialogue.load(tiny))
    single, half = (lively(tiny, TARGETS["all"], precision) for precision in (torch.float32, torch.bfloat16))
    losses = [model.loss(group) for model in (single, half)]
    for loss in losses:
        loss.backward()
    assert losses[1].item() == pytest.approx(losses[0].item(), rel=0.01)
    for name, pair in single.adapters.items():
        for exact, rounded in zip(pair, half.adapters[name], strict=True):
            assert rounded.dtype == rounded.grad.dtype == torch.float32
            assert F.cosine_similarity(exact.grad.flatten(), rounded.grad.flatten(), dim=0) > 0.98


def test_a_small_adapter_is_not_rounded_away(tiny: Path, examples: list[dict[str, str]]) -> None:
    """Added to weights of half precision, an update this small would vanish."""
    (pack, *_) = packs(examples, Dialogue.load(tiny))
    model = lively(tiny, TARGETS["all"], torch.bfloat16)
    with torch.no_grad():
        before = model.loss([pack]).item()
        for down, up in model.adapters.values():
            down.mul_(0.1), up.mul_(0.1)
        small = model.loss([pack]).item()
        for _, up in model.adapters.values():
            up.zero_()
        assert len({before, small, model.loss([pack]).item()}) == 3


def masked(q: Tensor, k: Tensor, v: Tensor, owner: Tensor, pack: Tensor, place: Tensor) -> Tensor:
    """Attention of the flat stream by one masked product: owner -1 is a prefix."""
    seen = (pack[None, :] == pack[:, None]) & ((owner[None, :] == owner[:, None]) | (owner[None, :] == -1))
    mask = seen & (place[None, :] <= place[:, None])
    heads = (t.repeat_interleave(q.shape[1] // t.shape[1], 1).transpose(0, 1)[None] for t in (q, k, v))
    return F.scaled_dot_product_attention(*heads, attn_mask=mask)[0].transpose(0, 1)


@pytest.mark.parametrize("plain", [False, True], ids=["flash", "plain"])
def test_attention_derivative_is_exact_in_double_precision(plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if plain:
        monkeypatch.setattr(flash, "dense", lambda _: (flash.plain, flash.plain_backward))
    chance = torch.Generator().manual_seed(0)
    layout = Layout.of([5, 2], [[3, 1, 4], [2, 6]], torch.device("cpu"))
    size = (7 + 16,)
    owner = torch.tensor([-1] * 7 + [0] * 3 + [1] + [2] * 4 + [3] * 2 + [4] * 6)
    pack = torch.tensor([0] * 5 + [1] * 2 + [0] * 8 + [1] * 8)
    q, k, v = (torch.randn(*size, n, 8, generator=chance, dtype=torch.float64, requires_grad=True) for n in (6, 2, 2))
    weight = torch.randn(*size, 6, 8, generator=chance, dtype=torch.float64)
    got = torch.autograd.grad((attention.attend(q, k, v, layout) * weight).sum(), (q, k, v))
    reference = masked(q, k, v, owner, pack, layout.positions())
    expected = torch.autograd.grad((reference * weight).sum(), (q, k, v))
    for ours, theirs in zip(got, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


def test_training_lowers_the_loss_and_reports(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    ticks: list[Tick] = []
    result = train(recipe, examples, tmp_path / "a", ticks.append, base=tiny)
    assert len(result.losses) == len(ticks) == ticks[0].steps == 6
    assert result.losses[-1] < 0.8 * result.losses[0]
    assert [tick.step for tick in ticks] == [1, 2, 3, 4, 5, 6]
    assert ticks[-1].seconds_left == 0
    assert not (tmp_path / "a" / CHECKPOINT).exists()


def test_same_seed_same_weights_and_resumed_run_too(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    def stop(tick: Tick) -> None:
        if tick.step == 3:
            raise KeyboardInterrupt

    whole = train(recipe, examples, tmp_path / "whole", base=tiny)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, examples, tmp_path / "cut", stop, base=tiny)
    assert [file.name for file in (tmp_path / "cut").iterdir()] == [CHECKPOINT]
    seen: list[Tick] = []
    resumed = train(recipe, examples, tmp_path / "cut", seen.append, base=tiny, resume=True)
    assert [tick.step for tick in seen] == [4, 5, 6]
    assert resumed.losses == whole.losses
    assert_same(tmp_path / "whole", tmp_path / "cut")


def assert_same(one: Path, other: Path) -> None:
    left, right = (load_file(folder / "adapter_model.safetensors") for folder in (one, other))
    assert left.keys() == right.keys()
    assert all(torch.equal(left[name], right[name]) for name in left)


def test_a_checkpoint_of_another_run_is_not_resumed(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    def stop(_: Tick) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe, examples[:8], tmp_path, stop, base=tiny)
    seen: list[Tick] = []
    train(recipe, examples, tmp_path, seen.append, base=tiny, resume=True)
    assert seen[0].step == 1


def test_peft_loads_the_adapter_and_agrees(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    from peft import PeftModel
    from transformers import LlamaForCausalLM

    train(recipe, examples, tmp_path, base=tiny)
    peft = PeftModel.from_pretrained(LlamaForCausalLM.from_pretrained(tiny), str(tmp_path))
    group = packs(examples, Dialogue.load(tiny))
    model = LoraLlama(tiny, r=4, alpha=8, targets=frozenset(TARGETS["all"]), seed=0, device="cpu")
    stored = load_file(tmp_path / "adapter_model.safetensors")
    with torch.no_grad():
        for name, (down, up) in model.adapters.items():
            down.copy_(stored[f"base_model.model.{name}.lora_A.weight"])
            up.copy_(stored[f"base_model.model.{name}.lora_B.weight"])
    segment = group[0].segments[0]
    ids = torch.tensor([[*group[0].prefix, *segment.ids]])
    with torch.no_grad():
        logits = peft(ids).logits[0, -segment.answer - 1 : -1]
    expected = F.cross_entropy(logits, ids[0, -segment.answer :], reduction="sum")
    got = model.loss([Pack(group[0].prefix, (segment,))])
    assert got.item() == pytest.approx(expected.item(), rel=1e-5)
    assert json.loads((tmp_path / "adapter_config.json").read_text())["base_model_name_or_path"] == "tiny"


def test_the_rate_warms_up_and_falls_to_nothing(recipe: Recipe) -> None:
    train_settings = recipe.train.model_copy(update={"lr": 1.0, "warmup": 0.1})
    rates = [rate(step, 100, train_settings) for step in range(100)]
    assert (rates[0], rates[9], max(rates)) == pytest.approx((0.1, 1.0, 1.0))
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def test_a_step_in_several_passes_has_the_gradient_of_one(tiny: Path, examples: list[dict[str, str]]) -> None:
    group = packs(examples, Dialogue.load(tiny))
    losses, models = [], [lively(tiny, TARGETS["all"]) for _ in range(2)]
    for model, room in zip(models, (10**6, 90), strict=True):
        parts = list(passes(group, room))
        assert (len(parts) == 1) == (room > 90)
        total = torch.stack([model.loss(part) for part in parts]).sum()
        total.backward()
        losses.append(total.item())
    assert losses[1] == pytest.approx(losses[0], rel=1e-6)
    for one, other in zip(*(model.parameters() for model in models), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-5)


def test_a_run_goes_on_from_another_adapter(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    first = train(recipe, examples, tmp_path / "first", base=tiny)
    held = check(recipe, examples, tiny, first.adapter)
    whole = recipe.model_copy(update={"train": recipe.train.model_copy(update={"batch": 12, "epochs": 1})})
    second = train(whole, examples, tmp_path / "second", base=tiny, start=first.adapter)
    assert second.losses[0] == pytest.approx(held.loss, rel=1e-4)
    assert second.losses[0] < 0.8 * first.losses[0]


@pytest.mark.parametrize(
    ("lora", "complaint"),
    [({"r": 8}, "has r 4; the recipe asks for 8"), ({"targets": ("q_proj",)}, "has target_modules"),
     ({"alpha": 16.0}, "has lora_alpha")],
)  # fmt: skip
def test_an_adapter_of_another_shape_is_no_start(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path, lora: dict[str, object], complaint: str
) -> None:
    train(recipe, examples[:2], tmp_path / "first", base=tiny)
    other = recipe.model_copy(update={"lora": recipe.lora.model_copy(update=lora)})
    with pytest.raises(Invalid, match=complaint):
        train(other, examples, tmp_path / "second", base=tiny, start=tmp_path / "first")


def test_an_ended_run_is_not_done_again(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    done = train(recipe, examples, tmp_path, base=tiny)
    ticks: list[Tick] = []
    assert train(recipe, examples, tmp_path, ticks.append, base=tiny, resume=True) == done
    assert not ticks
    train(recipe, examples[:8], tmp_path, ticks.append, base=tiny, resume=True)
    assert ticks


TRAIN_ALONE = """
import sys
for name in ("duckdb", "sqlglot", "langchain_core", "llguidance", "transformers", "filelock", "pyarrow"):
    sys.modules[name] = None
from finetune import held, lora
lora.main(sys.argv[1:])
held.main([*sys.argv[1:6], "--adapter", sys.argv[7]])
"""


def test_training_from_a_file_needs_no_lakehouse(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    rows, file, out = tmp_path / "examples.jsonl.gz", tmp_path / "r.yaml", tmp_path / "out"
    write(rows, "from here", [example | {"family": "counting"} for example in examples])
    file.write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
    command = [sys.executable, "-c", TRAIN_ALONE, file, "--examples", rows, "--base", tiny, "--out", out]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    trained, held = (json.loads(line) for line in done.stdout.splitlines())
    assert trained["adapter"] == str(out)
    assert "step 6 of 6" in done.stderr
    assert held["families"]["counting"] == [12, held["exact"]]
    assert held["loss"] < trained["loss"]
    assert train(recipe, examples, tmp_path / "here", base=tiny).losses[-1] == pytest.approx(trained["loss"])
