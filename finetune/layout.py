"""Where the tokens of several packs stand in one flat stream: every prefix, then every segment, pack by pack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import torch
from torch import Tensor

from finetune.packing import Pack


@dataclass(frozen=True)
class Ragged:
    """Sequences of unequal length, side by side in a stream.

    As a rectangle they are padded: `padded[b, s]` is the row of token s of sequence b, 0 where there is none;
    `flat[t]` is the place of row t in the rectangle; `padding[b, s]` says where there is none.
    """

    lengths: tuple[int, ...]
    device: torch.device

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def longest(self) -> int:
        return max(self.lengths)

    @cached_property
    def rows(self) -> int:
        return sum(self.lengths)

    @cached_property
    def ends(self) -> Tensor:
        """0, then the row behind each sequence, as the kernels for ragged batches take them."""
        ends = torch.zeros(len(self) + 1, dtype=torch.int32)
        torch.cumsum(torch.tensor(self.lengths), 0, dtype=torch.int32, out=ends[1:])
        return ends.to(self.device)

    @cached_property
    def order(self) -> Tensor:
        """The place of each row in its own sequence, on the CPU."""
        size = torch.tensor(self.lengths)
        return torch.arange(self.rows) - (size.cumsum(0) - size).repeat_interleave(size)

    @cached_property
    def padding(self) -> Tensor:
        column = torch.arange(self.longest, device=self.device)
        return column[None, :] >= torch.tensor(self.lengths, device=self.device)[:, None]

    @cached_property
    def padded(self) -> Tensor:
        column = torch.arange(self.longest, device=self.device)
        return (self.ends[:-1, None] + column[None, :]).masked_fill(self.padding, 0)

    @cached_property
    def flat(self) -> Tensor:
        return (~self.padding).flatten().nonzero().squeeze(1)


@dataclass(frozen=True)
class Layout:
    """The prefixes, the segments, and for each prefix the rows of all its segments; `cut` is where segments begin."""

    prefixes: Ragged
    segments: Ragged
    behind: Ragged

    @classmethod
    def of(cls, prefixes: Sequence[int], segments: Sequence[Sequence[int]], device: torch.device) -> Layout:
        """By the length of each prefix and the lengths of its segments."""
        each = (tuple(prefixes), tuple(chain.from_iterable(segments)), tuple(sum(sizes) for sizes in segments))
        return cls(*(Ragged(lengths, device) for lengths in each))

    @property
    def cut(self) -> int:
        return self.prefixes.rows

    def positions(self) -> Tensor:
        """The position id of every token, on the CPU: each segment continues its prefix."""
        starts = torch.tensor(self.prefixes.lengths).repeat_interleave(torch.tensor(self.behind.lengths))
        return torch.cat([self.prefixes.order, self.segments.order + starts])


@dataclass(frozen=True)
class Stream:
    """Packs as one stream: token ids, their layout, and the rows that predict an answer's token with that token."""

    ids: Tensor
    layout: Layout
    rows: Tensor
    labels: Tensor

    @classmethod
    def of(cls, packs: Sequence[Pack], device: torch.device) -> Stream:
        """All tensors but the layout's are on the device."""
        segments = [segment for pack in packs for segment in pack.segments]
        tokens = [*(pack.prefix for pack in packs), *(segment.ids for segment in segments)]
        ids = torch.tensor(list(chain.from_iterable(tokens)))
        lengths = [[len(segment.ids) for segment in pack.segments] for pack in packs]
        layout = Layout.of([len(pack.prefix) for pack in packs], lengths, device)
        answers = torch.tensor([segment.answer for segment in segments])
        after = torch.tensor(layout.segments.lengths).cumsum(0) + layout.cut
        rows = (after - answers.cumsum(0)).repeat_interleave(answers) + torch.arange(int(answers.sum())) - 1
        return cls(ids.to(device), layout, rows.to(device), ids[rows + 1].to(device))
