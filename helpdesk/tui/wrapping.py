"""Text broken into lines of a width: Latin between words, Chinese, Japanese and Korean wherever the line is full."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len

_CLOSING = "，。、；：！？）》」』】〉”’…,.;:!?)]}%"
"""What never begins a line."""

_WORDS = re.compile(r"[^\S\n]+|[!-~]+|[^\x00-\x7f]|.", re.DOTALL)


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text, each of at most `width` cells."""
    return [line for paragraph in text.split("\n") for line in _lines(paragraph, max(width, 4))]


def _lines(paragraph: str, width: int) -> Iterator[str]:
    line, taken = "", 0
    for piece in _pieces(paragraph, width):
        cells = cell_len(piece)
        if taken + cells > width and line:
            if piece[0] in _CLOSING and len(line) > 1:
                line, carried = line[:-1], line[-1]
                yield line.rstrip()
                line, taken = carried, cell_len(carried)
            else:
                yield line.rstrip()
                line, taken = "", 0
        if line or not piece.isspace():
            line, taken = line + piece, taken + cells
    yield line.rstrip()


def _pieces(paragraph: str, width: int) -> Iterator[str]:
    """What is not broken: words of Latin letters, single characters of everything else."""
    for found in _WORDS.findall(paragraph):
        for at in range(0, len(found), max(width // 2, 1)):
            yield found[at : at + max(width // 2, 1)]
