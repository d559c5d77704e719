"""What arrives in an operator's inbox over the nights of the integration tests. Nothing here asserts anything."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from making import workbook
from running import CANARY, Home, edited

from orchestration.sample import write_sample

SMALL = 1_200  # seizure lines; every period of the calibration still holds some
LATEST = "NO_2023_known_2024-02-13.csv"  # the edition of Norway 2023 that the nights correct
PRELIMINARY = "NO_2023_known_2023-08-20.csv"
SECOND, THIRD = "NO_2023_known_2024-06-01.csv", "NO_2023_known_2024-09-01.csv"
COLOMBIA = (
    "DEPARTAMENTO", "MUNICIPIO", "DIA", "FECHA", "ZONA", "CLASE DE SITIO", "CLASE DE ESTUPEFACIENTE",
    "UNIDAD DE MEDIDA", "CANTIDAD", "CODIGO DANE",
)  # fmt: skip


@dataclass
class Night:
    """The files that arrive before one refresh."""

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)  # source -> name -> content

    def deliver(self, home: Home) -> list[Path]:
        """Put them into the inbox."""
        return [
            home.deliver(source, name, content)
            for source, named in self.files.items()
            for name, content in named.items()
        ]


@dataclass
class Editions:
    """Norway 2023 as it stands (A), corrected (B), and A again; with Colombia's years beside them.

    `corrected` and `removed` are the rows of A that B corrects and leaves out.
    """

    second: Night
    third: Night
    corrected: dict[str, str]
    removed: dict[str, str]


def small_inbox(inbox: Path) -> None:
    """The synthetic agency feeds at a size that takes seconds."""
    write_sample(inbox, SMALL, 1)


def editions(home: Home) -> Editions:
    """The second and third night after the small inbox, from the files that lie there."""
    stands = (home.inbox / "seizures" / LATEST).read_bytes()
    changed: list[dict[str, str]] = []

    def correct(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        changed.extend([row for row in rows if plain_cocaine(row)][:2])
        kept = [row for row in rows if row is not changed[1]]
        return [row | {"quantity": "4321,5"} if row is changed[0] else row for row in kept]

    corrected = edited(stands, correct)
    return Editions(
        second=Night(
            {"seizures": {SECOND: corrected}, "colombia_ponal": {"estupefacientes_2014.xlsx": colombia(2014)}}
        ),
        third=Night(
            {"seizures": {THIRD: stands}, "colombia_ponal": {"estupefacientes_2017.xlsx": colombia(2017)}}
        ),
        corrected=changed[0],
        removed=changed[1],
    )


def plain_cocaine(row: dict[str, str]) -> bool:
    """A confirmed cocaine line of the police, in grams: nothing about it needs a rule."""
    return (row["substance_raw"].lower(), row["unit_raw"], row["status"], row["agency"]) == (
        "kokain", "g", "confirmed", "police",
    ) and row["seized_on"].startswith("2023-")  # fmt: skip


def colombia(year: int) -> bytes:
    """A small workbook in the layout of the Colombian police."""
    towns = ("MEDELLÍN (CT)", "CALI (CT)", "TUMACO")
    rows = [
        ("ANTIOQUIA", towns[month % 3], "Lunes", f"{month:02}/01/{year} 12:00:00 AM", "URBANA", "VIAS PUBLICAS",
         substance, "GRAMO", month * 1000 + year, "05001000")
        for month in range(1, 13)
        for substance in ("COCAINA", "MARIHUANA")
    ]  # fmt: skip
    return workbook([COLOMBIA, *rows])


def shuffled(inbox: Path, to: Path, seed: int, sources: Callable[[str], bool] = lambda _: True) -> None:
    """The same files with their data lines in another order."""
    draws = random.Random(seed)
    for path in sorted(inbox.glob("*/*.csv")):
        if sources(path.parent.name):
            header, *lines = path.read_bytes().splitlines(keepends=True)
            draws.shuffle(lines)
            (to / path.parent.name).mkdir(parents=True, exist_ok=True)
            (to / path.parent.name / path.name).write_bytes(b"".join([header, *lines]))


def marks(home: Home) -> dict[str, bytes]:
    """What must be found nowhere: the name in the free text, a case id, hashed ids of cases, in digits and as they are stored."""
    hashes = home.sql("select distinct case_id from raw.seizures order by 1 limit 2", home.build)
    joint = home.sql("select min(joint_case_id) from raw.seizures", home.build)
    found = {"a name": CANARY.encode(), "a case id": b"SYN-", "the key": b"known to everyone"}
    for n, (number,) in enumerate([*hashes, *joint]):
        found[f"a hashed id {n} in digits"] = str(number).encode()
        found[f"a hashed id {n} as it is stored"] = number.to_bytes(8, "little")
    return found


def files_with(mark: bytes, files: Iterable[Path]) -> list[str]:
    """Names of the files that hold it."""
    return [str(path) for path in files if path.is_file() and mark in path.read_bytes()]
