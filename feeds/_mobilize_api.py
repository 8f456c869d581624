"""Mobilize's API through Parsons, made to wait its turn: time limits, Retry-After, and an end when told to stop."""

import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from feeds._feed import FeedError

KEY_VARIABLE = "MOBILIZE_AMERICA_API_KEY"  # the one that Parsons reads
TIMEOUT_S = (5, 30)
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 300.0
Wait = Callable[[threading.Event, float], object]


class Stopped(Exception):
    """The feed was told to stop in the middle of a list."""


def attendances(
    base: str, organization: str, since: str, say: Callable[[str], None], stop: threading.Event, wait: Wait
) -> Iterator[dict[str, Any]]:
    """Every attendance changed since `since` (ISO 8601). `base` is the API's address up to its version.

    Waits where the server asks for it or does not answer, and says so. Raises Stopped, and FeedError where
    the key is refused or Parsons is not installed.
    """
    client = _client(base, say, stop, wait)
    yield from client.get_attendances(organization, updated_since=since)


def _client(base: str, say: Callable[[str], None], stop: threading.Event, wait: Wait) -> Any:
    try:
        import requests

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # Parsons tells how it is installed, every time
            from parsons.mobilize_america.ma import MobilizeAmerica
    except ImportError as error:
        raise FeedError(
            "Mobilize's API is read through Parsons: pip install 'warroom[parsons]', or save the list of "
            "attendances as a file and read mobilize:///path/attendances.json."
        ) from error

    class Patient(MobilizeAmerica):  # type: ignore[misc, unused-ignore]
        """Parsons makes the addresses and follows the pages; its one method that asks the server is ours."""

        def _request(
            self, url: str, req_type: str = "GET", post_data: Any = None, args: Any = None, auth: bool = False
        ) -> Any:
            if urlsplit(url).netloc != urlsplit(base).netloc:
                raise FeedError("Mobilize's answer leads to another server: the key is not sent there.")
            headers = {"Authorization": f"Bearer {self.api_key}"}
            wait_s = _FIRST_WAIT_S
            while not stop.is_set():
                asked_s = None
                try:
                    answer = requests.request(
                        req_type, url, params=args, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
                    )
                    problem, asked_s = _problem(answer)
                except (requests.RequestException, ValueError) as error:
                    problem = f"does not answer ({type(error).__name__})"
                if not problem:
                    return answer
                say(f"Mobilize {problem}; asked again")
                wait(stop, min(asked_s if asked_s is not None else wait_s, _LONGEST_WAIT_S))
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
            raise Stopped

    client = Patient()
    if not client.api_key:
        raise FeedError(f"{KEY_VARIABLE} is not set: put the organization's API key there.")
    client.uri = base if base.endswith("/") else f"{base}/"
    return client


def _problem(answer: Any) -> tuple[str, float | None]:
    """What is wrong with an answer ('' where nothing), and how long the server asks us to wait.

    Raises FeedError where asking again would not help, ValueError where the answer is no JSON.
    """
    if answer.status_code in (401, 403):
        raise FeedError(f"Mobilize refuses the key: check {KEY_VARIABLE} and the organization's number.")
    if answer.status_code == 429 or answer.status_code >= 500:
        asked = answer.headers.get("Retry-After", "")
        return f"answers {answer.status_code}", float(asked) if asked.isdecimal() else None
    if answer.status_code != 200:
        raise FeedError(f"Mobilize answers {answer.status_code}: check the address and the organization's number.")
    body = answer.json()
    if not isinstance(body, dict) or not isinstance(body.get("data"), list) or "next" not in body:
        return "sends no list of attendances", None
    return "", None
