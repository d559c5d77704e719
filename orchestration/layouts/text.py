"""Bytes → text in the declared encoding, or a sentence that names the first line which is not in it."""

from __future__ import annotations

import codecs

from orchestration.errors import DeliveryRefused


def decoded(data: bytes, encoding: str, line_end: bytes = b"\n") -> str:
    """The text of a file.

    Raises:
        DeliveryRefused: when the bytes are not the encoding, are UTF-8 under another name, or hold a NUL.
    """
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
