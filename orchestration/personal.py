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
    """BLAKE2b of a text column under the key, 32 hexadecimal digits; null stays null."""
    keyed = hashlib.blake2b(key=hash_key(), digest_size=16)  # copied for each value: the key is taken in once

    def one(value: str) -> str:
        hashed = keyed.copy()
        hashed.update(value.encode())
        return hashed.hexdigest()

    def all_of(values: pl.Series) -> pl.Series:
        texts = [value if value is None else one(value) for value in values.to_list()]
        return pl.Series(values.name, texts, pl.String)

    return pl.col(column).map_batches(all_of, return_dtype=pl.String)
