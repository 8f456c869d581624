"""Sends what people approved: one message after the other, guards and stop looked at before each.

Many may be under way at a time, none is begun faster than the sender's registration lets through.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from warroom.domain.texts import TextCase, TextDecision, TextNotAllowed, TextStep
from warroom.store.board import BoardStore
from warroom.store.client import Client
from warroom.store.day import DayClock
from warroom.store.outbox import GONE, Outbox, Queued
from warroom.store.sender_state import SenderState, put_sender_state
from warroom.store.texts import TextStore
from warroom.store.wire import epoch_ms
from warroom.texting.audience import queue_of
from warroom.texting.breaker import Breaker
from warroom.texting.contacts import ContactStore
from warroom.texting.early import Early
from warroom.texting.ended import standing
from warroom.texting.handing import batch_of
from warroom.texting.proposer import SENDER
from warroom.texting.ready import Ready
from warroom.texting.rules import Texting
from warroom.texting.senders._http import backoff_s
from warroom.texting.senders.base import HandsOver, Outgoing, Receipt, Sender
from warroom.texting.wordings import Wordings

logger = logging.getLogger(__name__)

IN_FLIGHT = 20
MOST_ASKED = 5  # times a provider may say "later" to one message
IDLE_S = 0.25
ANSWER_S = 0.005
CHECK_S = 0.25  # how old the look at new approvals and at alerts may be; stop and cancel: before each message
TELL_S = 1.0
CATCH_UP_S = 0.1  # a loop that was late catches up by this much at most: no second holds more than 1.1 of the rate

Begun = tuple[Queued, Outgoing]


class Sending:
    """The sender's worker. `choose` picks the wording of one person's message; `wait_s` is how long to wait

    before a provider that said "later", and not when, is asked the nth time.
    """

    def __init__(
        self, client: Client, texting: Texting, contacts: ContactStore, sender: Sender,
        choose: Callable[[TextCase], str] | None = None, wait_s: Callable[[int], float] = backoff_s,
    ) -> None:  # fmt: skip
        self._client, self._texting, self._contacts, self._sender = client, texting, contacts, sender
        self._texts, self._outbox = TextStore(client), Outbox(client)
        self._board, self._clock = BoardStore(client), DayClock(client)
        self._ready = Ready(client, texting, contacts)
        self._choose = choose or Wordings(self._texts, self._outbox, np.random.default_rng())
        self._wait_s, self._breaker = wait_s, Breaker()
        self._looked_s = self._told_s = self._alerts_s = 0.0
        self._may_send = False
        self._live: dict[str, TextCase] = {}
        self._filled: set[str] = set()
        self._early = Early()
        self._over: frozenset[str] = frozenset()
        self._site_stopped: frozenset[str] = frozenset()
        self._next_s = 0.0

    async def run(self, stop: threading.Event) -> None:
        """Send until `stop`; what is under way is waited for."""
        # a thread for each: a message that waited for one would go out after a stop
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(IN_FLIGHT, "texts"))
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
        if self._looked_s - self._told_s > TELL_S:
            self._tell()
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
                self._outbox.fill(request_id, queue_of(case, self._contacts))
                self._filled.add(request_id)
        self._live = live
        self._early.keep(live)

    def _look_at_alerts(self) -> None:
        """Which alerts are over, and at whose site voting has stopped; before each message where it is too old."""
        if time.monotonic() - self._alerts_s < CHECK_S:
            return
        self._alerts_s, alerts = time.monotonic(), self._board.alerts()
        self._over = frozenset(a.id for a in alerts if a.status == "closed")
        self._site_stopped = self._ready.at.stopped(standing(alerts, self._board.handlings.all()))

    def _begin(self, request_id: str, under_way: "set[asyncio.Task[None]]") -> int:
        """Begin the next message of a request, when rate, flight and breaker allow; 1 where there was one."""
        now_s = time.monotonic()
        if not self._may_send or len(under_way) >= IN_FLIGHT or now_s < self._next_s:
            return 0
        if not self._breaker.may_begin(now_s) or not self._texts.may_go(request_id):
            return 0
        case = self._live[request_id]
        if isinstance(self._sender, HandsOver):
            return 0 if under_way else self._begin_all(case, self._sender, under_way)
        message = self._next(request_id)
        if message is None:
            if not under_way and not self._early.waiting(request_id):
                self._finish(case)
            return 0
        outgoing = self._prepare(case, message)
        if outgoing is None:
            return 1
        each_s = 1 / self._texting.limits.messages_per_second
        self._next_s = max(self._next_s, now_s - max(each_s, CATCH_UP_S)) + each_s
        self._breaker = self._breaker.begun(now_s)
        under_way.add(asyncio.create_task(self._one(request_id, message, outgoing)))
        return 1

    def _begin_all(self, case: TextCase, sender: HandsOver, under_way: "set[asyncio.Task[None]]") -> int:
        """Hand a request over as a whole."""
        request_id, ready = case.request.id, []
        handed = sum(self._outbox.tally(request_id).get(state, 0) for state in GONE)
        while (message := self._next(request_id)) is not None:
            outgoing = self._prepare(case, message)
            if outgoing is not None:
                ready.append((message, outgoing))
        if not ready:
            if not self._early.waiting(request_id):
                self._finish(case)
            return 0
        if self._texts.may_go(request_id):
            self._breaker = self._breaker.begun(time.monotonic())
            under_way.add(asyncio.create_task(self._all(case, sender, ready, handed)))
        else:  # stopped while the list was read: nothing was handed over
            for message, _ in ready:
                self._not_taken(request_id, message)
        return 1

    def _next(self, request_id: str) -> Queued | None:
        """The next message: of somebody whose hour has come, else of the queue."""
        return self._early.due(request_id, self._ready.now_ms) or self._outbox.take(request_id)

    def _prepare(self, case: TextCase, message: Queued) -> Outgoing | None:
        """Mark a message as begun and write it; None where a guard keeps it back or it was begun before."""
        request_id = case.request.id
        variant = self._choose(case)
        self._look_at_alerts()
        guard = self._ready.guard(case, message, variant, self._over, self._site_stopped)
        if guard == "quiet_hours" and (hour_ms := self._ready.hour_ms(message)) is not None:
            self._early.add(request_id, hour_ms, message)  # it stays queued
            return None
        if guard is not None:
            self._outbox.move(request_id, message.ref, "kept_back")
            self._outbox.note(request_id, guard)
            return None
        outgoing = self._ready.write(case, message, variant)
        if outgoing is None:
            self._outbox.move(request_id, message.ref, "failed")
            self._outbox.note(request_id, "failed: the list no longer has them")
            return None
        if not self._outbox.begin(request_id, message, variant):
            return None  # begun before, by whoever died: never again
        return outgoing

    async def _one(self, request_id: str, message: Queued, outgoing: Outgoing) -> None:
        try:
            receipt = await self._sender.send(outgoing)
        except Exception as error:  # a sender's defect: it may have sent, so never again
            logger.exception("texting: the sender broke off")
            receipt = Receipt(outcome="unknown", reason=f"the sender broke off ({type(error).__name__})", trouble=True)
        self._answered(receipt, message.asked)
        self._take(request_id, message, receipt)

    async def _all(self, case: TextCase, sender: HandsOver, ready: list[Begun], handed: int) -> None:
        batch = batch_of(case, [outgoing for _, outgoing in ready], self._ready.day, handed)
        try:
            receipt = await sender.hand_over(batch)
        except Exception as error:
            logger.exception("texting: the sender broke off")
            receipt = Receipt(outcome="unknown", reason=f"the sender broke off ({type(error).__name__})", trouble=True)
        self._answered(receipt, ready[0][0].asked)
        for message, _ in ready:
            self._take(case.request.id, message, receipt)

    def _answered(self, receipt: Receipt, asked: int) -> None:
        """What an answer means for all messages: the rate, and whether the sender rests."""
        now_s = time.monotonic()
        if receipt.outcome == "later":
            self._next_s = max(self._next_s, now_s + (receipt.retry_after_s or self._wait_s(asked)))
        before = self._breaker.state
        self._breaker = self._breaker.ended(receipt.reason if receipt.trouble else "", now_s)
        if self._breaker.state != before:
            self._tell()

    def _take(self, request_id: str, message: Queued, receipt: Receipt) -> None:
        if receipt.outcome == "later" and message.asked + 1 < MOST_ASKED:
            self._not_taken(request_id, message)
            return
        state = "failed" if receipt.outcome == "later" else receipt.outcome
        if receipt.opted_out:
            self._contacts.close_number(message.digest)
        if state == "failed":
            self._contacts.note_sent(message.digest, -1)
        if state in ("failed", "unknown"):
            self._outbox.note(request_id, f"{state}: {receipt.reason}")
        elif state == "sent" and receipt.reason:  # handed over: where to go on
            self._outbox.note(request_id, receipt.reason)
        self._outbox.receipt(request_id, message.ref, state, receipt.provider_id)

    def _not_taken(self, request_id: str, message: Queued) -> None:
        """Certain that nobody has it: queued again, and it does not count for the cap."""
        if self._outbox.put_back(request_id, message):
            self._contacts.note_sent(message.digest, -1)

    def _tell(self) -> None:
        """How the sender does, for the console."""
        self._told_s, breaker, now_ms = time.monotonic(), self._breaker, round(time.time() * 1_000)
        left_ms = max(0, round((breaker.until_s - self._told_s) * 1_000)) if breaker.state == "rests" else 0
        state = SenderState(
            state=breaker.state, at_ms=now_ms, until_ms=now_ms + left_ms if left_ms else 0,
            failures=breaker.failures, reason=breaker.reason, waits=self._early.counts(),
        )  # fmt: skip
        put_sender_state(self._client, state)

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
