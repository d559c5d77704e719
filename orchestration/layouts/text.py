"""Bytes → text in a declared encoding, or a sentence that names the first line which is not in it.

A file may be handed over in blocks that end where a line ends: what it is in is a question about all of them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from orchestration.errors import DeliveryRefused

UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")

UNCUT = ("utf_16", "utf_32", "utf-16", "utf-32")

Blocks = Callable[[], Iterable[bytes]]  # the bytes of a file from its beginning, as often as asked


def may_be_cut(encodings: Sequence[str], line_end: str) -> bool:
    """Whether a line feed among the bytes ends a line for sure: in UTF-16 it may be half a letter."""
    return line_end == "\n" and not any(encoding.lower().startswith(UNCUT) for encoding in encodings)


def decoded(data: bytes, encodings: Sequence[str], line_end: bytes = b"\n") -> str:
    """The text of a whole file, as `texts` gives it."""
    return "".join(text for _, text in texts(lambda: [data], encodings, line_end))


def texts(blocks: Blocks, encodings: Sequence[str], line_end: bytes = b"\n") -> Iterator[tuple[int, str]]:
    """Each block as text, with the number of lines before it, in the first of the declared encodings in which all of the
    file holds strictly. Where one alone is declared the file is read once, and refused where it is found out.

    Args:
        encodings: the declared one, then those the producer has used besides.

    Raises:
        DeliveryRefused: when the bytes are none of them, are UTF-8 under another name, or hold a NUL.
    """
    return _strictly(blocks, _chosen(blocks, encodings, line_end), line_end)


def _chosen(blocks: Blocks, encodings: Sequence[str], line_end: bytes) -> str:
    """The first encoding that holds; the declared one where none does, which then says what is wrong."""
    if len(encodings) == 1:
        return encodings[0]
    for encoding in encodings:
        if encoding != encodings[0] and not _may_be(blocks, codecs.lookup(encoding).name):
            continue
        try:
            for _ in _strictly(blocks, encoding, line_end):
                pass
        except DeliveryRefused:
            continue
        return encoding
    return encodings[0]


def _may_be(blocks: Blocks, name: str) -> bool:
    """Whether a second guess is safe: any bytes decode as UTF-16 or as a one-byte encoding, to some letters."""
    if name.startswith(("utf-16", "utf-32")):
        return next(iter(blocks())).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if name.startswith("utf"):
        return True
    return not any(UTF8_LETTER.search(data) for data in blocks())  # two encodings in one file are damage


def _strictly(blocks: Blocks, encoding: str, line_end: bytes) -> Iterator[tuple[int, str]]:
    name = codecs.lookup(encoding).name
    if not name.startswith("utf") and _is_utf8(blocks):
        # Every UTF-8 file decodes as a one-byte encoding, to other letters; no text in one reads as UTF-8.
        for before, data in _with_lines(blocks, line_end):
            if not data.isascii():
                at = next(i for i, byte in enumerate(data) if byte > 0x7F)
                raise DeliveryRefused(
                    f"line {before + data[:at].count(line_end) + 1} is UTF-8, not {encoding}; "
                    "ask for the declared encoding or correct 'encoding' in the contract."
                )
    name = "utf-8-sig" if name == "utf-8" else name  # a mark stands at the beginning only
    for before, data in _with_lines(blocks, line_end):
        try:
            text = data.decode(name)
        except UnicodeDecodeError as error:
            raise DeliveryRefused(
                f"line {before + data[: error.start].count(line_end) + 1} is not {encoding} (byte 0x{data[error.start]:02x}); "
                "ask for the declared encoding or correct 'encoding' in the contract."
            ) from error
        except UnicodeError as error:
            raise DeliveryRefused(
                f"it is not {encoding} text: {error}; correct 'encoding' in the contract."
            ) from error
        if "\x00" in text:
            line = before + text[: text.index("\x00")].count(line_end.decode()) + 1
            raise DeliveryRefused(f"line {line} holds a NUL byte, so it is damaged or not {encoding} text.")
        yield before, text
        name = "utf-8" if name == "utf-8-sig" else name


def _with_lines(blocks: Blocks, line_end: bytes) -> Iterator[tuple[int, bytes]]:
    """Each block with the number of lines before it."""
    lines = 0
    for data in blocks():
        yield lines, data
        lines += data.count(line_end)


def _is_utf8(blocks: Blocks) -> bool:
    """Whether a file holds letters beyond ASCII and is UTF-8 throughout."""
    is_ascii = True
    for data in blocks():
        if data.isascii():
            continue
        is_ascii = False
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return False
    return not is_ascii
