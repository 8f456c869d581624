"""The field page's skeleton and its scripts agree, and outside text reaches the page as text only."""

import json
import re
from pathlib import Path
from typing import get_args

import layouts
from layouts import field
from warroom.domain.handling import HandlingStatus, What

ASSETS = Path(layouts.__file__).parents[1] / "assets"
PARTS = [ASSETS / "field-words.js", *sorted(ASSETS.glob("field/*.js"))]
SCRIPTS = "\n".join(part.read_text(encoding="utf-8") for part in PARTS)


def test_scripts_write_only_to_places_that_exist_or_that_they_make():
    places = set(re.findall(r'"id": "([\w-]+)"', json.dumps(field.layout().to_plotly_json(), default=vars_of)))
    made = set(re.findall(r"id: '([\w-]+)'", SCRIPTS)) | {"_dash-config"}
    used = set(re.findall(r"(?:getElementById|write)\('([\w-]+)'", SCRIPTS))
    assert used - places - made == set()


def vars_of(component):
    return component.to_plotly_json()


def test_nothing_from_outside_becomes_markup():
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", SCRIPTS)


def test_no_live_value_goes_through_dash():
    assert not hasattr(field, "register")
    assert "set_props" not in SCRIPTS


def test_every_step_of_an_alerts_life_has_a_word_and_a_key_of_its_own():
    steps = dict(re.findall(r"^    (\w+): \{ word: '[^']+', key: '(\w)'", SCRIPTS, re.MULTILINE))
    assert set(steps) == set(get_args(What))
    assert len(set(steps.values())) == len(steps)
    states = re.search(r"const STATES = \{(.*?)\};", SCRIPTS, re.DOTALL).group(1)
    assert set(get_args(HandlingStatus)) <= set(re.findall(r"(\w+): '", states))
