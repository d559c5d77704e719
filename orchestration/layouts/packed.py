"""Compressed deliveries, and workbooks as the zip files they are: inflated under watch, or refused.

A zip directory says what each member will hold, and may lie: what it says is checked first, and then inflation
itself stops where it goes beyond. Not here: what the members mean.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits

ZIP = b"PK\x03\x04"
GZIP = b"\x1f\x8b"
BLOCK = 1 << 20
LOCAL_HEADER = 30  # bytes before the name
FIRST_PART = {"xlsx": "[Content_Types].xml", "ods": "mimetype"}
MARKUP = re.compile(rb"<!(DOCTYPE|ENTITY)")


def unpacked(data: bytes, compression: str | None, member: str | None) -> bytes:
    """The bytes of the file inside, or the bytes themselves when nothing is compressed.

    Raises:
        DeliveryRefused: for what is not compressed as declared, damaged, not exactly one member of the declared
            name, or what inflates beyond the limits. What is compressed twice is refused by its first bytes.
    """
    if compression == "gzip":
        return _gunzipped(data)
    if compression == "zip":
        return _member(data, member or "*")
    return data


def members(data: bytes, pattern: str) -> list[tuple[str, bytes]]:
    """Every member of a zip file whose name matches, by name, with its bytes.

    Raises:
        DeliveryRefused: for what is no zip file, damaged, holds no such member, or inflates beyond the limits.
    """
    files = _files(data)
    found = sorted((i for i in files if _matches(i, pattern)), key=lambda info: info.filename)
    if not found:
        raise DeliveryRefused(
            f"none of its members match '{pattern}'; it holds {_named(files)}. "
            "Correct 'members' in the contract or ask for the agreed layout."
        )
    return [(_last(info.filename), b"".join(_inflated(data, info))) for info in found]


def check_workbook(data: bytes, kind: str) -> None:
    """Refuse a workbook (xlsx, ods) that is a bomb, damaged, of another kind, or declares entities in its XML."""
    members = _directory(data)
    if FIRST_PART[kind] not in {info.filename for info in members}:
        raise DeliveryRefused(
            f"the workbook is damaged or not {kind}: it has no part '{FIRST_PART[kind]}'; ask for it again."
        )
    for info in members:
        is_xml, tail = info.filename.endswith((".xml", ".rels")), b""
        for block in _inflated(data, info):
            if is_xml:
                text = (tail + block).replace(b"\0", b"")  # without the zeros of UTF-16
                if MARKUP.search(text):
                    raise DeliveryRefused(
                        f"its part {info.filename} declares a document type or entities, as no spreadsheet program "
                        "does; ask the producer."
                    )
                tail = block[-32:]


def _gunzipped(data: bytes) -> bytes:
    if not data.startswith(GZIP):
        raise DeliveryRefused(
            "it is not gzip, whatever its name; deliver it compressed or correct 'compression'."
        )
    inside, rest = io.BytesIO(), data
    try:
        while rest.strip(b"\0"):  # gzip files may follow each other, and be padded
            stream = zlib.decompressobj(wbits=31)
            while not stream.eof:
                block = stream.decompress(rest, BLOCK)
                rest = stream.unconsumed_tail
                if not block and not stream.eof and not rest:
                    raise zlib.error("it ends too early")
                inside.write(block)
                limits.check_inflated(inside.tell(), len(data), "it")
            rest = stream.unused_data
    except zlib.error as error:
        raise DeliveryRefused(
            f"the gzip file is damaged or cut short ({error}); ask for it again."
        ) from error
    return inside.getvalue()


def _member(data: bytes, pattern: str) -> bytes:
    files = _files(data)
    found = [info for info in files if _matches(info, pattern)]
    if len(found) != 1:
        raise DeliveryRefused(
            f"{len(found)} of its members match '{pattern}' where exactly one must; it holds {_named(files)}. "
            "Correct 'member' in the contract or ask for the agreed layout."
        )
    return b"".join(_inflated(data, found[0]))


def _files(data: bytes) -> list[zipfile.ZipInfo]:
    if not data.startswith(ZIP):
        raise DeliveryRefused(
            "it is not a zip file, whatever its name; deliver it compressed or correct 'compression'."
        )
    return [info for info in _directory(data) if not info.is_dir()]


def _matches(info: zipfile.ZipInfo, pattern: str) -> bool:
    return fnmatchcase(info.filename, pattern) or fnmatchcase(_last(info.filename), pattern)


def _named(files: list[zipfile.ZipInfo]) -> str:
    return ", ".join(info.filename[:100] for info in files[:10]) or "none"


def _last(name: str) -> str:
    return PurePosixPath(name).name


def _directory(data: bytes) -> list[zipfile.ZipInfo]:
    """The members a zip file declares, each named once, inside the file, and together below the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OverflowError) as error:
        raise DeliveryRefused(f"it is damaged or cut short ({error}); ask for it again.") from error
    if len(members) > limits.MEMBERS:
        raise DeliveryRefused(
            f"it has {len(members)} members, more than the {limits.MEMBERS} that are read; ask the producer."
        )
    names = [m.filename for m in members]
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise DeliveryRefused(f"it names its member {twice[0][:100]} twice; ask for it again.")
    for info in members:
        path = info.filename.replace("\\", "/")
        if path.startswith("/") or ".." in path.split("/") or re.match(r"[A-Za-z]:", path):
            raise DeliveryRefused(
                f"its member {info.filename[:100]} points outside the archive; ask the producer."
            )
        if info.flag_bits & 1:
            raise DeliveryRefused(f"its member {info.filename[:100]} has a password; ask for it without one.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DeliveryRefused(
                f"its member {info.filename[:100]} is compressed in an unusual way; ask for a plain zip file."
            )
        if info.external_attr >> 28 == 0o12:
            raise DeliveryRefused(f"its member {info.filename[:100]} is a link; ask for the file itself.")
    if sum(info.compress_size for info in members) > len(data):
        raise DeliveryRefused("its members overlap, as no honest archive's do; ask the producer.")
    limits.check_inflated(sum(info.file_size for info in members), len(data), "it")
    return members


def _inflated(data: bytes, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member's bytes, block by block; refused as soon as they are not what the directory says."""
    lies = DeliveryRefused(
        f"its member {info.filename[:100]} is damaged or does not hold what its directory says; ask for it again."
    )
    start = info.header_offset
    lengths = [int.from_bytes(data[start + at : start + at + 2], "little") for at in (26, 28)]
    start += LOCAL_HEADER + sum(lengths)
    rest = data[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_STORED:
        if len(rest) != info.file_size or zlib.crc32(rest) != info.CRC:
            raise lies
        yield rest
        return
    stream, size, crc = zlib.decompressobj(wbits=-15), 0, 0
    while not stream.eof:
        try:
            block = stream.decompress(rest, BLOCK)
        except zlib.error as error:
            raise lies from error
        rest = stream.unconsumed_tail
        size, crc = size + len(block), zlib.crc32(block, crc)
        if size > info.file_size or (not block and not rest and not stream.eof):
            raise lies
        yield block
    if size != info.file_size or crc != info.CRC:
        raise lies
