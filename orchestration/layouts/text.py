"""Bytes → text in a declared encoding, or a sentence that names the first line which is not in it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from orchestration.errors import DeliveryRefused

UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")


def decoded(data: bytes, encodings: Sequence[str], line_end: bytes = b"\n") -> str:
    """The text of a file, in the first of the declared encodings in which it holds strictly.

    Args:
        encodings: the declared one, then those the producer has used besides.

    Raises:
        DeliveryRefused: when the bytes are none of them, are UTF-8 under another name, or hold a NUL.
    """
    try:
        return _strictly(data, encodings[0], line_end)
    except DeliveryRefused:
        for other in encodings[1:]:
            if _may_be(data, codecs.lookup(other).name):
                try:
                    return _strictly(data, other, line_end)
                except DeliveryRefused:
                    continue
        raise


def _may_be(data: bytes, name: str) -> bool:
    """Whether a second guess is safe: any bytes decode as UTF-16 or as a one-byte encoding, to some letters."""
    if name.startswith(("utf-16", "utf-32")):
        return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return name.startswith("utf") or not UTF8_LETTER.search(data)  # two encodings in one file are damage


def _strictly(data: bytes, encoding: str, line_end: bytes) -> str:
    name = codecs.lookup(encoding).name
    if not name.startswith("utf") and not data.isascii() and _is_utf8(data):
        # Every UTF-8 file decodes as a one-byte encoding, to other letters; no text in one reads as UTF-8.
        line = data[: next(i for i, byte in enumerate(data) if byte > 0x7F)].count(line_end) + 1
        raise DeliveryRefused(
            f"line {line} is UTF-8, not {encoding}; "
            "ask for the declared encoding or correct 'encoding' in the contract."
        )
    try:
        text = data.decode("utf-8-sig" if name == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(line_end) + 1
        raise DeliveryRefused(
            f"line {line} is not {encoding} (byte 0x{data[error.start]:02x}); "
            "ask for the declared encoding or correct 'encoding' in the contract."
        ) from error
    except UnicodeError as error:
        raise DeliveryRefused(
            f"it is not {encoding} text: {error}; correct 'encoding' in the contract."
        ) from error
    if "\x00" in text:
        line = text[: text.index("\x00")].count(line_end.decode()) + 1
        raise DeliveryRefused(f"line {line} holds a NUL byte, so it is damaged or not {encoding} text.")
    return text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
