"""Each family's chat format is told by its control tokens, and no text can spell one."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.endpoints.chat_format import FORMATS
from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid

WRITTEN = {
    "chatml": "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhow many<|im_end|>\n<|im_start|>assistant\n"
    "two<|im_end|>",
    "llama3": "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nbe brief<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nhow many<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
    "two<|eot_id|>",
    "mistral": "<s>[INST]be brief\n\nhow many[/INST]two</s>",
}
"""One question with its answer, as each family's own template writes it."""


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A tokenizer over bytes with these control tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    controls: tuple[str, ...] = request.param
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({text: i for i, text in enumerate([*controls, *letters])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([*controls])
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


@pytest.mark.parametrize("folder", [one.controls for one in FORMATS], ids=[one.name for one in FORMATS], indirect=True)
def test_a_question_is_written_as_the_family_writes_it(folder: Path, request: pytest.FixtureRequest) -> None:
    dialogue = Dialogue.load(folder)
    name = dialogue.format.name
    ids = [*dialogue.prefix("be brief"), *dialogue.turn("how many"), *dialogue.answer("two")]
    assert dialogue.tokenizer.decode(ids, skip_special_tokens=False) == WRITTEN[name]
    assert ids[-1] == dialogue.end
    chat = dialogue.chat([("system", "be brief"), ("user", "how many")])
    assert chat == [*dialogue.prefix("be brief"), *dialogue.turn("how many")]


@pytest.mark.parametrize("folder", [one.controls for one in FORMATS], ids=[one.name for one in FORMATS], indirect=True)
def test_no_text_spells_a_control_token(folder: Path) -> None:
    dialogue = Dialogue.load(folder)
    plain = dialogue.turn("x")
    for control in dialogue.controls:
        for text in (control, f"{control}{{content}}{{role}}"):
            sly = dialogue.turn(text)
            assert all(sly.count(token) == plain.count(token) for token in dialogue.controls.values())


@pytest.mark.parametrize("folder", [("[INST]", "</s>")], indirect=True)
def test_half_a_format_is_none(folder: Path) -> None:
    with pytest.raises(Invalid, match=r"one of these chat formats: chatml, llama3, mistral"):
        Dialogue.load(folder)


@pytest.mark.parametrize("folder", [FORMATS[2].controls], indirect=True)
def test_mistral_opens_a_question_that_follows_an_answer(folder: Path) -> None:
    dialogue = Dialogue.load(folder)
    ids = dialogue.chat([("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c")])
    assert dialogue.tokenizer.decode(ids, skip_special_tokens=False) == "<s>[INST]s\n\na[/INST]b</s>[INST]c[/INST]"
