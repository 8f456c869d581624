"""The part that tells the staff in Slack. Off unless WARROOM_SLACK_WEBHOOK is set."""

import logging
import threading
import time

import redis

from warroom.store import keys
from warroom.store.board import BoardStore
from warroom.store.client import Client, as_text
from warroom.store.day import DayClock, read_day, read_roster
from warroom.store.texts import TextStore
from warroom.store.wire import epoch_ms
from warroom.texting.senders.slack import Slack, SlackBusy, SlackRefused
from warroom.texting.staff_news import message, news

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
SETTING = "WARROOM_SLACK_WEBHOOK"


class StaffAlerts:
    """Looks at the room again and again; what was told is kept in the store, so that a restart repeats nothing."""

    def __init__(self, client: Client, slack: Slack) -> None:
        self._client, self._slack = client, slack
        self._day, roster = read_day(client), read_roster(client)
        self._names = {p.precinct_id: p.name for p in roster.precincts} | {s.site_id: s.name for s in roster.sites}
        self._board, self._texts, self._clock = BoardStore(client), TextStore(client), DayClock(client)

    def run(self, stop: threading.Event) -> None:
        """Look until `stop`; Slack or a store that is away is waited for. What was not told is told later."""
        while not stop.is_set():
            try:
                self.look()
            except (redis.RedisError, SlackBusy) as error:
                logger.warning("staff alerts: not told now (%s); trying again", type(error).__name__)
            except SlackRefused as error:
                logger.error("staff alerts: %s", error)
                stop.wait(60)
            stop.wait(LOOK_EVERY_S)

    def look(self) -> int:
        """Tell what is new in one message; returns how many things that were."""
        now_ms = epoch_ms(self._clock.now())
        handlings = self._board.handlings
        alerts = handlings.in_room([a for a in self._board.alerts() if a.status != "closed"], now_ms)
        told = {as_text(key) for key in self._client.hkeys(keys.TEXT_TOLD)}
        found = news(alerts, handlings.all(), self._texts.cases(), self._names, now_ms, told)
        if found:
            self._slack.tell(message(found, self._day.name))
            at_ms = round(time.time() * 1_000)
            self._client.hset(keys.TEXT_TOLD, mapping={one.key: at_ms for one in found})
        return len(found)
