"""The made-up campaign's rules and list. Numbers are of the range kept for fiction; nobody in it is real."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from warroom.demo.city.build import City
from warroom.demo.words import PLANTS

LISTED_SHARE = 0.05  # of the registered
BANDS = ("high", "middle", "low")
LANGUAGES = (("en", 0.86), ("es", 0.14))
AREA_CODES = range(201, 990)  # 555-0100 to 555-0199 belong to nobody in every area code
NUMBERS = 100
OPTED_OUT_SHARE = 0.01
HEADER = "contact_id,phone,first_name,precinct_id,band,language,timezone,opted_out\n"

TEXTING_TOML = """# Rules that answer an alert with a text; every text waits for a person's approval.
# `sender` is left out: a dry run, which sends nothing. Every field: docs/texting.md.
[campaign]
name = "Yarrow for Port Marlow"

[limits]
messages_per_second = 12
two_person_over = 100
hold_out_share = 0.1

[[rule]]
name = "stays-home"
kinds = ["low_turnout"]
severity = "medium"
min_shortfall = 15
max_people = 3000

[[rule.variant]]
name = "plain"
texts.en = "Hi {first_name}, it's {campaign_name}. You can vote today at {site_name}, {site_address}, until {polls_close}. Reply STOP to end"
texts.es = "Hola {first_name}, somos {campaign_name}. Hoy puede votar en {site_name}, {site_address}, hasta {polls_close}. Responda STOP para no recibir más"

[[rule.variant]]
name = "warm"
texts.en = "{first_name}, people in {precinct_name} are voting today. {site_name} takes voters until {polls_close}. Will you go? {campaign_name}. Reply STOP to end"
texts.es = "{first_name}, en {precinct_name} se vota hoy. {site_name} recibe votantes hasta {polls_close}. ¿Irá usted? {campaign_name}. Responda STOP para no recibir más"

[[rule]]
name = "after-a-stoppage"
kinds = ["stoppage"]
when = "over"
severity = "medium"
min_minutes_left = 120

[[rule.variant]]
name = "plain"
texts.en = "{campaign_name}: your poll site is {site_name}, {site_address}. It takes voters until {polls_close}. Reply STOP to end"
texts.es = "{campaign_name}: su lugar de votación es {site_name}, {site_address}, hasta {polls_close}. Responda STOP para no recibir más"
"""  # noqa: E501


def write_texting(folder: Path, rng: np.random.Generator, city: City) -> None:
    """texting.toml and contacts.csv: one line a person, none of them real."""
    (folder / "texting.toml").write_text(TEXTING_TOML, encoding="utf-8")
    with (folder / "contacts.csv").open("w", encoding="utf-8", newline="") as out:
        out.write(HEADER)
        out.writelines(_people(rng, city))


def _people(rng: np.random.Generator, city: City) -> Iterator[str]:
    sizes = np.round(city.registered * LISTED_SHARE).astype(int)
    total = int(min(sizes.sum(), len(AREA_CODES) * NUMBERS))
    numbers = rng.permutation(len(AREA_CODES) * NUMBERS)[:total]
    names = rng.integers(len(PLANTS), size=total)
    bands = rng.integers(len(BANDS), size=total)
    spanish = rng.random(total) < LANGUAGES[1][1]
    gone = rng.random(total) < OPTED_OUT_SHARE
    homes = np.repeat(np.arange(len(sizes)), sizes)[:total]
    for n in range(total):
        area, line = divmod(int(numbers[n]), NUMBERS)
        language = LANGUAGES[int(spanish[n])][0]
        yield (
            f"C{n + 1:05d},+1{AREA_CODES[area]}55501{line:02d},{PLANTS[names[n]]},{city.precinct_ids[homes[n]]},"
            f"{BANDS[bands[n]]},{language},,{int(gone[n])}\n"
        )
