"""The one place where personal fields are made unreadable: a keyed hash, its key kept outside `var/`."""

from __future__ import annotations

import hashlib
import os
import secrets
from functools import cache
from pathlib import Path

import polars as pl

from orchestration.errors import UsageError
from orchestration.settings import PROJECT

KEY_FILE, KEY_DIGITS = ".beslag_key", 64
HASHED = 1 << 62  # the least number that is a hash: 19 digits, as no case and no person has


@cache
def hash_key() -> bytes:
    """The key of the hashes: BESLAG_KEY, or a file of mode 0600 in BESLAG_HOME that is made when missing.

    Raises:
        UsageError: when BESLAG_KEY is shorter than 16 characters, or the file holds no whole key.
    """
    if text := os.environ.get("BESLAG_KEY"):
        if len(text) < 16:
            raise UsageError("BESLAG_KEY is shorter than 16 characters; use a long random text.")
        return hashlib.blake2b(text.encode()).digest()
    path = Path(os.environ.get("BESLAG_HOME") or PROJECT) / KEY_FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(KEY_DIGITS // 2))
    key = path.read_bytes()
    if len(key) < KEY_DIGITS:  # an empty key would be known to everyone
        raise UsageError(
            f"The key file {path} holds no whole key; restore it, or delete it to have another made."
        )
    return hashlib.blake2b(key).digest()


def key_fingerprint() -> str:
    """Tells one key from another without telling the key: rows hashed under another key are read again."""
    return hashlib.blake2b(b"fingerprint", key=hash_key(), digest_size=8).hexdigest()


def keyed_hash(column: str) -> pl.Expr:
    """62 bits of BLAKE2b of a text column under the key, as whole numbers from HASHED on; null stays null."""
    keyed = hashlib.blake2b(key=hash_key(), digest_size=8)  # copied for each value: the key is taken in once

    def one(value: bytes) -> bytes:
        hashed = keyed.copy()
        hashed.update(value)
        return hashed.digest()

    def all_of(values: pl.Series) -> pl.Series:
        texts = values.cast(pl.Binary).to_list()
        digests = pl.Series(values.name, [text if text is None else one(text) for text in texts], pl.Binary)
        return (digests.bin.reinterpret(dtype=pl.UInt64) // 4 + HASHED).cast(pl.Int64)

    return pl.col(column).map_batches(all_of, return_dtype=pl.Int64)
