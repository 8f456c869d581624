"""Sends what people approved: one message after the other, guards and stop looked at before each.

Many may be under way at a time, none is begun faster than the sender's registration lets through.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from warroom.domain.texts import TextCase, TextDecision, TextNotAllowed, TextStep
from warroom.store.board import BoardStore
from warroom.store.client import Client
from warroom.store.day import DayClock, read_day, read_roster
from warroom.store.outbox import Outbox, Queued
from warroom.store.texts import TextStore
from warroom.store.wire import epoch_ms
from warroom.texting.contacts import ContactStore
from warroom.texting.effect import saturation
from warroom.texting.guards import Guard, Recipient, person_guard, wording
from warroom.texting.proposer import SENDER
from warroom.texting.rules import Texting
from warroom.texting.senders.base import Outgoing, Receipt, Sender
from warroom.texting.templates import places_of, render
from warroom.texting.vault import VaultError

logger = logging.getLogger(__name__)

IN_FLIGHT = 20
MOST_ASKED = 5  # times a provider may say "later" to one message
IDLE_S = 0.25
ANSWER_S = 0.005
CHECK_S = 0.25  # how old the look at new approvals and closed alerts may be; stop and cancel: before each message


class Sending:
    """The sender's worker. `choose` picks the variant of one person: {variant: texts} -> name."""

    def __init__(
        self, client: Client, texting: Texting, contacts: ContactStore, sender: Sender,
        choose: Callable[[TextCase], str] | None = None,
    ) -> None:  # fmt: skip
        self._client, self._texting, self._contacts, self._sender = client, texting, contacts, sender
        self._day = read_day(client)
        self._closes_ms = epoch_ms(self._day.closes_at)
        self._texts, self._outbox = TextStore(client), Outbox(client)
        self._board, self._clock = BoardStore(client), DayClock(client)
        self._places = places_of(read_roster(client), self._day)
        self._choose = choose or (lambda case: case.request.variants[0].name)
        self._looked_s = 0.0
        self._may_send = False
        self._live: dict[str, TextCase] = {}
        self._filled: set[str] = set()
        self._over: frozenset[str] = frozenset()
        self._next_s = 0.0

    async def run(self, stop: threading.Event) -> None:
        """Send until `stop`; what is under way is waited for."""
        under_way: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            self.look()
            begun = sum(self._begin(request_id, under_way) for request_id in list(self._live))
            await asyncio.sleep(0 if begun else self._pause_s(bool(under_way)))
            under_way = {task for task in under_way if not task.done()}
        if under_way:
            await asyncio.wait(under_way, timeout=30)
        await self._sender.close()

    def _pause_s(self, is_busy: bool) -> float:
        """Until the rate allows the next message; shortly, while answers are awaited; else a while."""
        until_next = self._next_s - time.monotonic()
        return min(until_next, IDLE_S) if until_next > 0 else ANSWER_S if is_busy else IDLE_S

    def look(self) -> None:
        """Read stop, cancels and approvals; begin what was approved, finish what is done."""
        if time.monotonic() - self._looked_s < CHECK_S:
            return
        self._looked_s = time.monotonic()
        self._may_send = self._texts.stopped() is None
        live = {}
        for case in self._texts.cases():
            if case.status == "approved" and self._may_send:
                started = self._step(case, "start")
                if started is not None:
                    live[case.request.id] = started
            elif case.status == "sending":
                live[case.request.id] = case
            elif case.status == "cancelled":
                self._outbox.drop(case.request.id)
        for request_id, case in live.items():
            if request_id not in self._filled:  # new, or left by a worker that died
                self._fill(case)
                self._filled.add(request_id)
        self._live = live
        self._over = frozenset(a.id for a in self._board.alerts() if a.status == "closed")

    def _begin(self, request_id: str, under_way: "set[asyncio.Task[None]]") -> int:
        """Begin the next message of a request, when rate and flight allow; 1 where one was begun."""
        if not self._may_send or len(under_way) >= IN_FLIGHT or time.monotonic() < self._next_s:
            return 0
        if not self._texts.may_go(request_id):
            return 0
        case = self._live[request_id]
        message = self._outbox.take(request_id)
        if message is None:
            if not under_way:
                self._finish(case)
            return 0
        guard = self._guard(case, message)
        if guard is not None:
            self._outbox.move(request_id, message.ref, "kept_back")
            self._outbox.note(request_id, guard)
            return 1
        # a loop that is late sends no burst: the next message is never sooner than the rate allows
        self._next_s = max(self._next_s, time.monotonic()) + 1 / self._texting.limits.messages_per_second
        under_way.add(asyncio.create_task(self._one(case, message)))
        return 1

    async def _one(self, case: TextCase, message: Queued) -> None:
        request_id = case.request.id
        outgoing = self._write(case, message)
        if outgoing is None:
            self._outbox.move(request_id, message.ref, "failed")
            return
        if message.asked == 0 and not self._outbox.move(request_id, message.ref, "sending"):
            return  # begun before, by whoever died: never again
        if message.asked == 0:
            self._contacts.note_sent(message.digest)  # before the provider is asked: the cap holds whatever happens
        receipt = await self._sender.send(outgoing)
        if receipt.outcome == "later" and message.asked + 1 < MOST_ASKED:
            self._next_s = max(self._next_s, time.monotonic() + receipt.retry_after_s)
            self._outbox.put_back(request_id, message)
            return
        self._take(request_id, message, receipt)

    def _take(self, request_id: str, message: Queued, receipt: Receipt) -> None:
        state = "failed" if receipt.outcome == "later" else receipt.outcome
        if state == "failed":
            self._contacts.note_sent(message.digest, -1)
            self._outbox.note(request_id, f"failed: {receipt.reason}")
        self._outbox.move(request_id, message.ref, state)
        if receipt.provider_id:
            self._outbox.know(receipt.provider_id, request_id, message.ref)

    def _guard(self, case: TextCase, message: Queued) -> Guard | None:
        if message.held_out:
            return "held_out"
        texts = next((v.texts for v in case.request.variants if v.name == message.variant), {})
        over = case.request.audience.precincts if case.request.alert in self._over else ()
        if message.precinct not in self._places or not self._places[message.precinct].site_name:
            return "no_place"
        now_ms = epoch_ms(self._clock.now())
        limits = self._texting.limits
        person = Recipient(
            precinct=message.precinct, language=message.language, timezone=message.timezone,
            opted_out=self._contacts.opted_out(message.digest),
            texts_had=self._contacts.had(message.digest) if message.asked == 0 else 0,
        )  # fmt: skip
        return person_guard(person, now_ms, self._closes_ms, limits, texts, over, self._day.timezone)

    def _write(self, case: TextCase, message: Queued) -> Outgoing | None:
        try:
            person = self._contacts.reach(message.ref)
        except VaultError as error:
            logger.error("texting: %s", error)
            return None
        if person is None:
            return None
        texts = next(v.texts for v in case.request.variants if v.name == message.variant)
        template = wording(texts, message.language)
        place = self._places[message.precinct]
        text = render(template, self._texting.campaign.name, place, person.first_name)
        return Outgoing(key=f"{case.request.id}:{message.ref}", to=person.phone, text=text)

    def _fill(self, case: TextCase) -> None:
        """Queue everyone of the audience who was not begun; the lot is drawn here, person by person."""
        audience = case.request.audience
        messages = []
        for listed, person in self._contacts.recipients(audience.precincts):
            if audience.bands and person.band not in audience.bands:
                continue
            if audience.languages and person.language not in audience.languages:
                continue
            messages.append(
                Queued(
                    listed.ref, listed.digest, person.precinct, person.language, self._choose(case), person.timezone,
                    self._is_held_out(case, person.precinct, listed.ref),
                )
            )  # fmt: skip
        self._outbox.fill(case.request.id, messages)

    def _is_held_out(self, case: TextCase, precinct: str, ref: str) -> bool:
        """By lot, on two levels: see warroom/texting/effect.py."""
        lot = self._contacts.vault.draw
        share = saturation(lot(case.request.id, "precinct", precinct), case.request.hold_out_share)
        return lot(case.request.id, "person", ref) < share

    def _finish(self, case: TextCase) -> None:
        for ref, state in self._outbox.states(case.request.id).items():
            if state == "sending":  # begun by a worker that died: the provider may have it
                self._outbox.move(case.request.id, ref, "unknown")
        self._step(case, "finish")

    def _step(self, case: TextCase, what: TextStep) -> TextCase | None:
        decision = TextDecision(what=what, by=SENDER, at_ms=epoch_ms(self._clock.now()), version=case.version)
        try:
            return self._texts.decide(case.request.id, decision)
        except TextNotAllowed as refused:
            logger.info("texting: %s of %s not done: %s", what, case.request.id, refused)
            return None
