"""The words and weights of the synthetic seizure lines: routes, places, names, strengths. Data only, no logic.

The weights are chosen for a plausible look and rest on no register; see `sources/data/README.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

Options = tuple[tuple[str, int], ...]  # what can be drawn, with integer weights

# Place, transport, concealment, agency that registers it, weight: below and from one kilogram.
SMALL = (
    ("street", "person", "body", "police", 42), ("home", "unknown", "none", "police", 24),
    ("vehicle", "road", "vehicle", "police", 12), ("postal", "post", "letter", "customs", 7),
    ("postal", "post", "parcel", "customs", 3), ("airport", "air", "luggage", "customs", 2),
    ("border", "road", "vehicle", "customs", 3), ("prison", "post", "letter", "police", 1),
    ("other", "rail", "luggage", "police", 1), ("other", "unknown", "unknown", "police", 5),
)  # fmt: skip
LARGE = (
    ("port", "sea", "container", "customs", 28), ("border", "road", "vehicle", "customs", 27),
    ("home", "unknown", "none", "police", 20), ("vehicle", "road", "vehicle", "police", 16),
    ("airport", "air", "luggage", "customs", 7), ("port", "sea", "hull", "customs", 2),
)  # fmt: skip
ROUTES = SMALL + LARGE
CUSTOMS = tuple(i for i, route in enumerate(ROUTES) if route[3] == "customs")
CONTAINER, LORRY, HULL = len(SMALL), len(SMALL) + 1, len(SMALL) + 5
RECORD_ROUTES = {"cocaine.hcl": (CONTAINER, CONTAINER, HULL), "cannabis.resin": (LORRY, LORRY, LORRY)}

DISTRICTS: dict[str, Options] = {
    "NO": (("Oslo", 22), ("Øst", 13), ("Sør-Øst", 11), ("Innlandet", 7), ("Agder", 7), ("Sør-Vest", 9), ("Vest", 13),
           ("Møre og Romsdal", 4), ("Trøndelag", 8), ("Nordland", 4), ("Troms", 3), ("Finnmark", 1)),
    "SE": (("Stockholm", 30), ("Väst", 20), ("Syd", 22), ("Öst", 9), ("Mitt", 8), ("Bergslagen", 6), ("Nord", 5)),
    "DK": (("København", 35), ("Østjylland", 15), ("Fyn", 12), ("Sydøstjylland", 14), ("Nordjylland", 12), ("Bornholm", 2)),
}  # fmt: skip
TOWNS = {
    "Øst": "Moss", "Sør-Øst": "Drammen", "Innlandet": "Hamar", "Agder": "Kristiansand", "Sør-Vest": "Stavanger",
    "Vest": "Bergen", "Møre og Romsdal": "Ålesund", "Trøndelag": "Trondheim", "Nordland": "Bodø", "Troms": "Tromsø",
    "Finnmark": "Alta", "Väst": "Göteborg", "Syd": "Malmö", "Öst": "Linköping", "Mitt": "Uppsala", "Nord": "Umeå",
    "Bergslagen": "Örebro", "Østjylland": "Aarhus", "Fyn": "Odense", "Sydøstjylland": "Vejle",
    "Nordjylland": "Aalborg", "Bornholm": "Rønne",
}  # fmt: skip
ORIGINS: dict[str, Options] = {
    "cocaine": (("EC", 30), ("BR", 20), ("CO", 18), ("NL", 20), ("ES", 12)),
    "cannabis": (("MA", 55), ("ES", 35), ("NL", 10)),
    "heroin": (("AF", 50), ("TR", 30), ("NL", 20)),
    "amphetamine": (("NL", 45), ("PL", 25), ("LT", 20), ("BE", 10)),
    "other": (("NL", 50), ("DE", 20), ("BE", 15), ("RS", 15)),
}
TRANSIT: Options = (("NL", 30), ("BE", 25), ("DE", 20), ("SE", 15), ("DK", 10))
MISSING: Options = (("", 90), (":", 4), ("-", 3), ("..", 3))
REMARKS: Options = (("", 994), ("Kontrollert mot journal", 3), ("Melder: Kari Eksempel (oppdiktet)", 3))

# Raw names by form; a plain string serves all three languages.
NAMES: dict[str, dict[str, Options]] = {
    "cocaine.hcl": {"*": (("kokain", 75), ("Kokain", 23), ("KOKAIN", 2))},
    "cannabis.resin": {"NO": (("hasj", 82), ("Hasj", 15), ("hasjisj", 3)),
                       "SE": (("hasch", 85), ("cannabisharts", 15)), "DK": (("hash", 90), ("Hash", 10))},
    "cannabis.herb": {"NO": (("marihuana", 80), ("Marihuana", 15), ("marijuana", 5)),
                      "SE": (("marijuana", 90), ("Marijuana", 10)), "DK": (("marihuana", 90), ("Marihuana", 10))},
    "cannabis.plant": {"*": (("cannabisplante", 100),)},
    "amphetamine.sulphate": {"*": (("amfetamin", 85), ("Amfetamin", 15))},
    "methamphetamine": {"*": (("metamfetamin", 90), ("Metamfetamin", 10))},
    "mdma.tablet": {"*": (("ecstasy", 90), ("Ecstasy", 10))},
    "mdma.powder": {"*": (("MDMA", 100),)},
    "heroin.brown": {"*": (("heroin", 85), ("Heroin", 15))},
    "benzodiazepine": {"*": (("alprazolam", 40), ("diazepam", 30), ("klonazepam", 30))},
    "opioid_medicine": {"NO": (("tramadol", 70), ("oksykodon", 30)), "*": (("tramadol", 100),)},
    "ghb_gbl": {"*": (("GHB", 65), ("GBL", 35))},
    "lsd": {"*": (("LSD", 100),)},
    "khat": {"*": (("khat", 80), ("kat", 20))},
    "ketamine": {"*": (("ketamin", 100),)},
    "nps.other": {"*": (("NPS", 100),)},
    "synthetic_opioid.nitazenes": {"*": (("nitazener", 100),)},
    "unknown.powder": {"*": (("pulver", 100),)},
    "unknown.tablet": {"*": (("tabletter", 100),)},
    "doping": {"*": (("anabole steroider", 100),)},
}  # fmt: skip
UNITS: dict[str, Options] = {
    "tablet": (("tabletter", 1),),
    "dose": (("doser", 1),),
    "plant": (("planter", 1),),
}


@dataclass(frozen=True)
class Strength:
    """Purity of a form: mean by year ("*": any other), spread, limits, measure, share analysed (per cent), bases."""

    mean: dict[str, float]
    spread: float
    limits: tuple[float, float]
    measure: str
    analysed: int
    basis: Options


BASES: Options = (("base", 70), ("unknown", 22), ("salt", 8))
NO_BASIS: Options = (("", 1),)
STRENGTHS = {
    "cocaine.hcl": Strength({"2021": 71, "2022": 78, "*": 79}, 8, (20, 98), "pct_mass", 30, BASES),
    "amphetamine.sulphate": Strength({"*": 42}, 15, (3, 90), "pct_mass", 15, BASES),
    "methamphetamine": Strength({"*": 72}, 10, (20, 98), "pct_mass", 15, BASES),
    "heroin.brown": Strength({"*": 26}, 9, (3, 60), "pct_mass", 25, BASES),
    "cannabis.resin": Strength({"*": 29}, 6, (8, 50), "pct_thc", 5, NO_BASIS),
    "cannabis.herb": Strength({"*": 14}, 4, (3, 28), "pct_thc", 4, NO_BASIS),
    "mdma.tablet": Strength({"*": 170}, 30, (40, 280), "mg_per_tablet", 25, (("base", 1),)),
    "mdma.powder": Strength({"*": 77}, 6, (30, 98), "pct_mass", 15, BASES),
}
SIGMA = {"cocaine.hcl": 2.4, "cannabis.resin": 2.0}  # spread of ln(size); 1.8 elsewhere
