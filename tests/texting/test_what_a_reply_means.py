"""STOP in every form that Twilio knows, and in Spanish; when in doubt it is one."""

import pytest

from warroom.texting.replies import alone, answer_of, meaning


@pytest.mark.parametrize(
    "body",
    ["STOP", "stop", "StopAll", "stop all", "Stop texting me", "Unsubscribe", "CANCEL", "end", "Quit.", "REVOKE",
     "OPTOUT", "opt out", "Opt-out please", "alto", "¡BASTA!", "Parar por favor", "STOP\nand vote"],
)  # fmt: skip
def test_these_are_a_stop(body):
    assert meaning(body) == "stop"


@pytest.mark.parametrize(
    "body", ["yes", "YES", "I will stop by later", "Who is this?", "", "👍", "the end", "no", "startled"]
)
def test_these_are_replies_and_bring_nobody_back(body):
    assert meaning(body) == "reply"


def test_only_start_brings_back_and_twilios_own_word_for_it_decides_a_stop():
    assert meaning("START") == meaning("unstop") == "start"
    assert meaning("start over please") == "reply"
    assert meaning("arrêt", "STOP") == "stop" and meaning("yes", "START") == "reply"
    assert meaning("info") == meaning("x", "HELP") == "help"


def test_twilio_answers_its_own_words_and_we_the_others_once():
    assert answer_of("STOP") == answer_of("Unsubscribe me") == answer_of("BASTA", "STOP") == ""
    assert answer_of("basta ya").startswith("No recibirá")


def test_a_volunteers_report_is_no_stop():
    assert alone("STOP") and alone("stop all") and alone("Basta!")
    assert not alone("END 57") and not alone("stop the line at 65012")
