"""ALiBi for packs (Press et al., 2022): the bias of a key by its position in its own example.

MPT adds `slope * (key position - constant)` to a score; the softmax of a row doesn't see the constant, so a bias that
depends on the key alone is enough. Its own code takes the place of a key in the row as its position: behind a shared
prefix the second segment's keys would seem further away than they are. Here positions start again after the prefix.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def bias(slopes: Tensor, positions: Tensor) -> Tensor:
    """slopes (heads,), positions (T,) to (heads, 1, T), in single precision."""
    return slopes.float()[:, None, None] * (positions - positions.max()).float()[None, None, :]


def slopes(build: Callable[..., Tensor], heads: int, most: int) -> Tensor:
    """The slope of each head (heads,), read off the bias of two neighbouring keys that the model's own code makes."""
    both = build(heads, 2, most, device=torch.device("cpu")).reshape(heads, 2)
    return both[:, 1] - both[:, 0]
