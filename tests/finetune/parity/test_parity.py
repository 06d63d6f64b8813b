"""What is served is what was trained, or the reason names what is off."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from agents.endpoints.dialogue import END, START
from finetune.lora import train
from finetune.parity import Parity, Prompt, check
from finetune.recipe import Bounds, Lora, Recipe

pytestmark = pytest.mark.long

PROMPTS = tuple(Prompt(f"tables of side {side}", f"how many {'x' * number}") for side in (0, 1) for number in range(3))
TEMPLATE = (
    "{% for m in messages %}" + START + "{{ m.role }}\n{{ m.content }}" + END + "\n{% endfor %}"
    "{% if add_generation_prompt %}" + START + "assistant\n{% endif %}"
)


def told() -> dict[str, str]:
    """What says how to write a conversation."""
    return {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": END, "chat_template": TEMPLATE}


@pytest.fixture(scope="module")
def base(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with a chat template, as served models have one."""
    folder = tmp_path_factory.mktemp("parity") / "base"
    shutil.copytree(tiny, folder)
    (folder / "tokenizer_config.json").write_text(json.dumps(told()))
    return folder


@pytest.fixture(scope="module")
def asked(base: Path) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "tiny", "base": str(base), "dataset": {"builder": "none", "size": 1}, "device": "cpu",
            "precision": "float32", "lora": {"r": 4, "alpha": 8}, "train": {"epochs": 30, "batch": 4, "lr": 0.01},
            "parity": {"prompts": 6, "tokens": 12},
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def adapter(asked: Recipe, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained on the base, and sealed."""
    rows = [{"system": p.system, "user": p.user, "answer": f"SELECT {p.user[-1]}"} for p in PROMPTS]
    return train(asked, rows, tmp_path_factory.mktemp("made") / "adapter", base=base).adapter


@pytest.fixture
def room(base: Path, adapter: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Copies of base and adapter that a test may spoil."""
    shutil.copytree(base, tmp_path / "base")
    shutil.copytree(adapter, tmp_path / "adapter")
    return tmp_path / "base", tmp_path / "adapter"


def test_all_forms_of_a_whole_adapter_agree(asked: Recipe, base: Path, adapter: Path, models: Path) -> None:
    found = check(asked, base, adapter, models, PROMPTS)
    assert found.fault is None, found.why
    assert [one.form for one in found.found] == ["merged", "quantised"]
    assert found.metrics["parity_merged_agreement"] == 1
    assert found.metrics["parity_merged_logprob"] < 1e-3
    assert 0 < found.metrics["parity_quantised_logprob"] < 0.1
    assert not list(models.glob(".parity-*"))


def test_too_coarse_a_form_is_named_with_its_figures(asked: Recipe, base: Path, adapter: Path, models: Path) -> None:
    strict = asked.parity.model_copy(update={"quantised": Bounds(agreement=1, logprob=1e-6)})
    found = check(asked.model_copy(update={"parity": strict}), base, adapter, models, PROMPTS)
    assert found.fault is not None
    assert (found.fault.part, found.fault.form) == ("precision", "quantised")
    assert "(at most 1e-06)" in found.why


def wrong_template(base: Path, adapter: Path) -> None:
    facts = json.loads((base / "tokenizer_config.json").read_text())
    facts["chat_template"] = TEMPLATE.replace("assistant\n", "bot\n")
    (base / "tokenizer_config.json").write_text(json.dumps(facts))


def other_tokens(base: Path, adapter: Path) -> None:
    facts = json.loads((base / "tokenizer.json").read_text())
    facts["normalizer"] = {"type": "Lowercase"}
    (base / "tokenizer.json").write_text(json.dumps(facts))


def no_stop_token(base: Path, adapter: Path) -> None:
    for name in ("config.json", "generation_config.json"):
        facts = json.loads((base / name).read_text())
        (base / name).write_text(json.dumps(facts | {"eos_token_id": 0}))


def other_base(base: Path, adapter: Path) -> None:
    tensors = load_file(base / "model.safetensors")
    name = next(key for key in tensors if key.endswith("q_proj.weight"))
    save_file(tensors | {name: tensors[name] + 0.01}, base / "model.safetensors", metadata={"format": "pt"})


def cut_off(base: Path, adapter: Path) -> None:
    file = adapter / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def flipped(base: Path, adapter: Path) -> None:
    file = adapter / "adapter_model.safetensors"
    whole = bytearray(file.read_bytes())
    whole[-9] ^= 1
    file.write_bytes(whole)


def rescaled(base: Path, adapter: Path) -> None:
    facts = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps(facts | {"lora_alpha": 16}))


@pytest.mark.parametrize(
    ("spoil", "part", "said"),
    [
        (wrong_template, "template", "writes 'bot"),
        (other_tokens, "template", "makes other tokens of a prompt"),
        (no_stop_token, "stop tokens", "end with <|im_end|> (2), and eos_token_id in its settings has 0"),
        (other_base, "adapter", "is of another base"),
        (cut_off, "adapter", "are corrupt: it has"),
        (flipped, "adapter", "is corrupt: its checksum"),
        (rescaled, "adapter", "'adapter_config.json'"),
    ],
)
def test_what_is_off_is_named(
    spoil: Callable[[Path, Path], None], part: str, said: str, asked: Recipe, room: tuple[Path, Path], tmp_path: Path
) -> None:
    spoil(*room)
    found = check(asked, *room, tmp_path, PROMPTS)
    assert found.fault is not None
    assert found.fault.part == part
    assert said in found.why
    assert found == Parity((), found.fault)


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")  # peft 0.21 over transformers 5
def test_a_model_without_an_onnx_form(asked: Recipe, families: dict[str, Path], tmp_path: Path) -> None:
    lora = Lora(r=4, alpha=8, targets=("Wqkv",))
    mpt = asked.model_copy(update={"base": str(families["mpt"]), "lora": lora})
    rows = [{"system": p.system, "user": p.user, "answer": "SELECT 1"} for p in PROMPTS]
    made = train(mpt, rows, tmp_path / "adapter", base=families["mpt"]).adapter
    found = check(mpt, families["mpt"], made, tmp_path, PROMPTS)
    assert found.fault is None, found.why
    assert [one.form for one in found.found] == ["merged"]
