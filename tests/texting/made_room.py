"""A small day with texting: rules, three precincts, a list of ten people, a provider that takes what it is given."""

import asyncio
import threading
from datetime import UTC, date, datetime, time

import pytest

from tests.run_async import run_async
from warroom.domain.alerts import Alert
from warroom.domain.election import ElectionDay
from warroom.domain.places import PollSite, Precinct
from warroom.domain.texts import Audience, TextDecision, TextRequest
from warroom.store.board import BoardStore
from warroom.store.day import DayClock, LoadedDay, Roster, put_day
from warroom.store.texts import TextStore
from warroom.texting.contactlist import Person
from warroom.texting.contacts import ContactStore
from warroom.texting.outgoing import Sending
from warroom.texting.rules import parse_texting
from warroom.texting.senders.base import Receipt
from warroom.texting.vault import new_key, wrapping_key

FILE = b"""
[campaign]
name = "Okafor for Mayor"
[limits]
two_person_over = 100
hold_out_share = 0.1
[[rule]]
name = "stay-home"
kinds = ["low_turnout", "stoppage"]
severity = "medium"
bands = ["likely"]
min_shortfall = 20
max_people = 250
[[rule.variant]]
name = "plain"
texts.en = "{campaign_name}: vote at {site_name} until {polls_close}. Reply STOP to end"
"""
DAY = ElectionDay(
    name="Test",
    date=date(2026, 11, 3),
    timezone="America/New_York",
    polls_open=time(6),
    polls_close=time(21),
    type="general",
)
PRECINCTS = [
    Precinct(precinct_id="p1", region="North", site_id="s1"),
    Precinct(precinct_id="p2", region="North", site_id="s1"),
    Precinct(precinct_id="p3", region="South", site_id="s2"),
]
COUNTS = {
    "p1": {("likely", "en"): 150, ("never", "en"): 900},
    "p2": {("likely", "es"): 90},
    "p3": {("likely", "en"): 50},
}
KEY = wrapping_key({"WARROOM_TEXT_KEY": new_key()})
PHONE = "+12075550194"
RULES = parse_texting(FILE.replace(b"[limits]", b"[limits]\nmessages_per_second = 900"))
NOON = datetime(2026, 11, 3, 17, tzinfo=UTC)
SITES = [
    PollSite(site_id="s1", name="PS 1", address="1 Elm St"),
    PollSite(site_id="s2", name="PS 2", address="2 Oak St"),
]


def alert(kind="low_turnout", severity="high", shortfall=60.0, **where):
    at = datetime(2026, 11, 3, 16, tzinfo=UTC)
    return Alert(
        id="a1", kind=kind, severity=severity, raised_at=at, updated_at=at, reason="short", shortfall=shortfall, **where
    )


def person(n=1, phone=PHONE, **more) -> Person:
    given = {"contact_id": f"C-{n}", "phone": phone, "first_name": "Zebulon", "precinct": "p1", "band": "likely",
             "language": "en", "timezone": "", "opted_out": False} | more  # fmt: skip
    return Person(**given)


def everything(client) -> bytes:
    """All bytes of the store."""
    return b"\n".join(client.dump(key) or b"" for key in client.scan_iter()) + b"\n".join(client.scan_iter())


class Recorder:
    """A provider that takes what it is given, and can be told otherwise."""

    name = "recorder"

    def __init__(self, answer=None):
        self.taken, self.answer, self.entered, self.go = [], answer, threading.Event(), None

    async def send(self, message):
        self.taken.append(message)
        self.entered.set()
        if self.go is not None:
            await self.go.wait()
        return (self.answer or (lambda m: Receipt(outcome="sent", provider_id=f"id-{m.key}")))(message)

    async def close(self):
        pass


@pytest.fixture
def room(store):
    put_day(store, LoadedDay(day=DAY, roster=Roster(PRECINCTS, SITES), ceilings={}, folder=b"", geometry=b""))
    DayClock(store).set(NOON, 0.0)
    BoardStore(store).put_alerts([alert(precinct="p1", region="North")])
    ContactStore(store, KEY).load([person(n, f"+120755501{n:02d}") for n in range(10)])
    return store


def propose(store, hold_out=0.0, approve=True, request_id="stay-home:a1", answers="a1", when="open"):
    variants = RULES.rule[0].variant
    request = TextRequest(
        id=request_id, rule="stay-home", alert=answers, when=when, kind="low_turnout", region="North", place="p1",
        reason="short", proposed_ms=0, latest_ms=2**53, audience=Audience(precincts=("p1",), people=10),
        variants=variants, voters=(0.0, 1.0, 2.0), cost_cents=1, hold_out_share=hold_out,
    )  # fmt: skip
    texts = TextStore(store)
    texts.propose([request])
    if approve:
        texts.decide(request_id, TextDecision(what="approve", by="Ana", at_ms=1, version=0))
    return texts


def run(store, sender, until, limit_s=120.0, choose=None):
    """Run the worker in this thread until a condition holds."""
    worker = Sending(store, RULES, ContactStore(store, KEY), sender, choose, wait_s=lambda n: 0.0)
    stop = threading.Event()

    async def both():
        task = asyncio.create_task(worker.run(stop))
        async with asyncio.timeout(limit_s):
            while not until():
                await asyncio.sleep(0.01)
        stop.set()
        await task

    run_async(both())


def finished(texts, request_id="stay-home:a1"):
    return lambda: texts.one(request_id).status == "sent"
