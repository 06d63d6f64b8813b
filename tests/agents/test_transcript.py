"""Free answers to any conversation: greedy, the same whatever was asked before, and cut where it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.endpoints.cuda import TransformersEngine
from agents.endpoints.transcript import Transcript
from data.errors import Invalid

TALK = [("system", "be brief"), ("user", "one"), ("assistant", "two"), ("tool", "three")]


@pytest.fixture(scope="module")
def transcript(tiny: Path) -> Transcript:
    return Transcript.load(TransformersEngine.load(tiny, None, "cpu"), tiny, 512)


def test_an_answer_is_that_of_generate(tiny: Path, transcript: Transcript) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    ids = torch.tensor([transcript.dialogue.chat(TALK)])
    model = AutoModelForCausalLM.from_pretrained(tiny)
    out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False)
    written = [token for token in out[0, ids.shape[1] :].tolist() if token != transcript.dialogue.end]
    made = transcript.complete(TALK, 12)
    assert made.text == transcript.dialogue.text(written)
    assert (made.prompt_tokens, made.completion_tokens) == (ids.shape[1], len(written))
    transcript.complete([("system", "be brief"), ("user", "another")], 5)
    assert transcript.complete(TALK, 12) == made


def test_an_answer_ends_before_a_stop_text_and_when_nobody_waits(transcript: Transcript) -> None:
    whole = transcript.complete(TALK, 12).text
    stop = whole[4:6]
    assert transcript.complete(TALK, 12, [stop]).text == whole[: whole.index(stop)]
    assert transcript.complete(TALK, 12, dropped=lambda: True).completion_tokens == 0


def test_a_prompt_that_does_not_fit_is_refused_and_the_rest_of_the_room_is_used(transcript: Transcript) -> None:
    with pytest.raises(Invalid, match="too long for the model"):
        transcript.complete([("user", "x" * 600)], 5)
    prompt = len(transcript.dialogue.chat([("user", "x" * 450)]))
    assert transcript.complete([("user", "x" * 450)], 500).completion_tokens <= 512 - prompt
