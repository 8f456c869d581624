"""Slack's incoming webhook, for the staff: what the room should look at now. Never a person of the list.

Its documented protocol: POST JSON {"text"}, answered 200 "ok"; one message a second, above it 429 with
Retry-After; `&`, `<` and `>` are escaped. A message to staff may be repeated: better twice than not at all.
"""

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from warroom.texting.senders._http import backoff_s, post, session, wait_of

TRIES = 4
LONGEST_WAIT_S = 30.0
MOST_LETTERS = 3_000


class SlackBusy(Exception):
    """Not told now; the text says what Slack answered, never the webhook's address: it is a secret."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class SlackRefused(Exception):
    """Slack takes nothing from this webhook."""


class Slack:
    """One webhook, and so one channel."""

    def __init__(self, url: str) -> None:
        self._url, self._http = url, session()

    def tell(self, text: str) -> None:
        """Post one message. Raises SlackBusy or SlackRefused."""
        tries = Retrying(
            retry=retry_if_exception_type(SlackBusy), wait=_wait, stop=stop_after_attempt(TRIES), reraise=True
        )
        tries(self._once, escaped(text)[:MOST_LETTERS])

    def _once(self, text: str) -> None:
        try:
            answer = post(self._http, self._url, json={"text": text})
        except requests.RequestException as error:
            raise SlackBusy(type(error).__name__) from None  # its text holds the address
        if answer.status_code == 429 or answer.status_code >= 500:
            raise SlackBusy(f"HTTP {answer.status_code}", wait_of(answer.headers))
        if answer.status_code != 200:
            raise SlackRefused(f"HTTP {answer.status_code}: check WARROOM_SLACK_WEBHOOK")


def escaped(text: str) -> str:
    """Outside words as words: no mention and no link is made of them.

    >>> escaped("<!channel> A & B")
    '&lt;!channel&gt; A &amp; B'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked_s = error.wait_s if isinstance(error, SlackBusy) else 0.0
    return min(LONGEST_WAIT_S, asked_s or backoff_s(state.attempt_number - 1))
