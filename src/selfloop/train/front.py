"""What comes before an encoder: symbols become vectors of tables that are learnt, numbers pass as they are."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from selfloop.tasks.model import Symbols, numbers_of


class Front(nn.Module):
    """From columns of numbers and of rows of tables to what an encoder is fed.

    The numbers come first, then for each table the sum of the vectors that its columns name.
    """

    def __init__(self, columns: int, symbols: tuple[Symbols, ...]) -> None:
        super().__init__()
        self.columns, self.symbols, self.numbers = columns, symbols, numbers_of(columns, symbols)
        self.tables = nn.ModuleList(nn.Embedding(each.rows, each.width, padding_idx=0) for each in symbols)
        for table in self.tables:
            assert isinstance(table, nn.Embedding)
            nn.init.zeros_(table.weight[1].detach())  # where training never meets the unknown it adds nothing

    def forward(self, x: Tensor) -> Tensor:
        """(..., fed) from (..., columns)."""
        parts = [x[..., self.numbers]] if self.numbers else []
        for each, table in zip(self.symbols, self.tables, strict=True):
            parts.append(table(x[..., each.first : each.stop].long()).sum(-2))
        return torch.cat(parts, dim=-1)

    def names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """A name for each number that an encoder is fed: a vector's are those of its first column, numbered."""
        vectors = [f"{columns[each.first]} {k + 1}" for each in self.symbols for k in range(each.width)]
        return (*(columns[k] for k in self.numbers), *vectors)


def front_of(columns: int, symbols: tuple[Symbols, ...]) -> Front | None:
    """The front that these columns need; None where all of them are numbers."""
    return Front(columns, symbols) if symbols else None
