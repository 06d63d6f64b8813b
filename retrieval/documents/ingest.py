"""From a parsed file to passages with their vectors, by LlamaIndex's pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import BaseNode, Document, MetadataMode, TextNode, TransformComponent

from retrieval.documents.cleaning import LONGEST, pieces
from retrieval.documents.parsed import Parsed
from retrieval.documents.passage import Passage
from retrieval.embedding import MiniLM, Vectors
from retrieval.minilm import MiniLMEmbedding

WIDE = 700
"""Characters from which a passage takes no further block."""

PLACES = ("headings", "page", "start", "end")


class Packing(TransformComponent):
    """Puts blocks under the same headings together, as one of them says too little to be found by."""

    def __call__(self, nodes: Sequence[BaseNode], **kwargs: Any) -> Sequence[BaseNode]:
        packed: list[TextNode] = []
        for node in nodes:
            text, facts = node.get_content(MetadataMode.NONE), node.metadata
            last = packed[-1] if packed else None
            if last is not None and _together(last, facts) and len(last.text) + len(text) < WIDE:
                packed[-1] = _node(f"{last.text}\n{text}", {**last.metadata, "end": facts["end"]})
            else:
                packed.append(_node(text, facts))
        return packed


def ingest(parsed: Parsed, source: str, path: str, digest: str, model: MiniLM) -> tuple[list[Passage], Vectors]:
    """The passages of a file, and an array of shape (passages, 384)."""
    import numpy as np

    title = parsed.title or path.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("_", " ").replace("-", " ")
    pipeline = IngestionPipeline(transformations=[Packing(), MiniLMEmbedding(model)], disable_cache=True)
    nodes = pipeline.run(documents=list(_documents(parsed, title[:200])))
    found = [_passage(node, source, path, title[:200], digest) for node in nodes]
    vectors = np.array([node.embedding for node in nodes], np.float32)
    return found, vectors.reshape(len(found), -1)


def _documents(parsed: Parsed, title: str) -> Iterator[Document]:
    """A document for each block; its metadata tell the place, and its heading is read with it."""
    for block in parsed.blocks:
        facts = {"headings": list(block.headings), "page": block.page, "start": block.start, "end": block.end}
        said = " › ".join(dict.fromkeys((title, *block.headings)))
        for piece in pieces(block.text, LONGEST):
            yield Document(text=piece, metadata={"heading": said, **facts})


def _node(text: str, facts: dict[str, Any]) -> TextNode:
    return TextNode(
        text=text,
        metadata=dict(facts),
        excluded_embed_metadata_keys=list(PLACES),
        text_template="{metadata_str}\n{content}",
        metadata_template="{value}",
    )


def _together(last: TextNode, facts: dict[str, Any]) -> bool:
    return all(last.metadata[name] == facts[name] for name in ("headings", "page"))


def _passage(node: BaseNode, source: str, path: str, title: str, digest: str) -> Passage:
    facts = node.metadata
    headings = tuple(facts["headings"])
    text = node.get_content(MetadataMode.NONE)
    return Passage(source, path, title, headings, facts["page"], facts["start"], facts["end"], text, digest)
