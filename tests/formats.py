"""Small files of every format, and how the tests of formats read them."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import making
import polars as pl
import pytest
import xlsxwriter

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused

ODS = "application/vnd.oasis.opendocument.spreadsheet"
PAIR = [making.field("id"), making.field("note")]


def contract(kind: str, **keys: Any) -> Contract:
    return making.feed(**{"fields": PAIR, "format": kind, **keys})


def records(folder: Path, content: str | bytes, by: Contract, name: str = "file") -> list[tuple[Any, ...]]:
    """(line, field …) of every record that has as many cells as the header."""
    found = making.records(making.written(folder / name, content), by)
    return found.frame.filter(found.frame["cells"] == found.width).drop("cells").rows()


def refusal(folder: Path, content: str | bytes, by: Contract) -> str:
    with pytest.raises(DeliveryRefused) as error:
        records(folder, content, by)
    return str(error.value)


def ods(rows: Iterable[Sequence[str | float]], content: str | None = None, sheet: str = "Data") -> bytes:
    """An OpenDocument spreadsheet of one sheet."""
    space = "urn:oasis:names:tc:opendocument:xmlns"
    kinds = {str: 'office:value-type="string"', float: 'office:value-type="float" office:value="{}"'}
    cells = (
        "".join(
            f"<table:table-cell {kinds[type(cell)].format(cell)}><text:p>{cell}</text:p></table:table-cell>"
            for cell in row
        )
        for row in rows
    )
    body = content or "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    text = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{space}:office:1.0" '
        f'xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="{sheet}">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    manifest = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{space}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/></manifest:manifest>'
    )
    return packed(
        {
            "mimetype": ODS,
            "content.xml": text,
            "META-INF/manifest.xml": manifest,
        }
    )


def packed(members: dict[str, str | bytes]) -> bytes:
    """A zip file."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, how)
    return memory.getvalue()


def sheets(**pages: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of several sheets."""
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"in_memory": True}) as book:
        for name, rows in pages.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return memory.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    memory = io.BytesIO()
    frame.write_parquet(memory)
    return memory.getvalue()


ROWS = [["id", "note"], ["a", "1"], ["b", "2.5"]]
# written by xlwt 1.3, which nothing else needs
XLS = zlib.decompress(
    base64.b85decode(
        "c-rk)O=uHA6#izDG(V(iQd6N-N+?*h_99-qw5y`_WT{>h5p-j6C@qPET=byTnxi0iQoIy;@ly5T4+`qdgHX|fAP9*bdlD2pv{~PL"
        "*~L_IXh4I?e9OFf``(+Gmzg(jGxK^mRb9A0P{U6cM*wv<imoP^k`nb_k`TS?YSynKQe1<73ekuxWLF4Jx?hF$8tV0~!NR@Z3!%VA"
        "DW`A_lf^<l(?J}d50274j0sh^Es_NK=~XZ3S<+3UcWL>QbRQ+xNXNvss!n3ro*dchMezx1h`I!HzYp2wJte!*hnG5vFI`s++Yt7b"
        "rk&ZpQ!yBfV-d1$6Zt~E<jhu)mIYkIS2qKE@ptO;jFER%t|0Pn>*e7V@*7qVn1g$U0bW5I&jMN##6hR*tYWKhV3FXQ&IwZ}mh%z="
        "j+AUnr(<s4<ht$K&9IIO&7p^Uiou<f1igCa^P3~tDf=`fb4=Nd#J)}Y0vDHc3u&C7hVIaIgmf3_752J?`~YcMLQ?ACsXmW6JWrde"
        ")DFuydx*F8_9lLZ@RgOLj|MBB?480dP1G)=m)_Y67?KZ7PTK2d9;0eh-MXpq*!FAXC4mp5{l6rHh?VqwcfGGy57rPPn<8zz>Df`9"
        "y=q~vXs>&`XvOGHinFZktrqqc?E{{DWA<0%b=>O31Fe+w^aC*%7#J8B7#J8B7<3TI`+Fbo4jLiv5E1t7b=IWR%{9q?i(@FtQ<j72"
        "Arz!8;e1>1vl$`f_oX)2#=kGrI4+}?FoP`pm}xtH<q)Wvf6s;+CV$@+YIpp4JAVG*@xKF@=E3{"
    )
)
SAME: dict[str, bytes] = {
    "csv": b"id,note\na,1\nb,2.5\n",
    "xls": XLS,
    "xlsx": making.workbook(ROWS),
    "ods": ods(ROWS),
    "json": b'[{"id": "a", "note": 1}, {"id": "b", "note": 2.5}]',
    "html": ("<table>" + "".join(f"<tr><td>{a}<td>{b}" for a, b in ROWS) + "</table>").encode(),
    "parquet": parquet(pl.DataFrame({"id": ["a", "b"], "note": [1.0, 2.5]})),
}


def remade(book: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A workbook with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert old in members[part]
    return packed({**members, part: members[part].replace(old, new)})
