"""How much the HTTP door takes, and what a flood costs another sender. `python -m bench.doors`

One web worker, its raw log on, on the embedded store (every write on disk before it is answered).
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from datetime import date, timedelta
from datetime import time as clock
from pathlib import Path

from bench.running import free_port, until
from warroom.domain.apikeys import MOST_PER_MINUTE
from warroom.domain.election import ElectionDay
from warroom.domain.places import Precinct
from warroom.store.apikeys import KeyStore
from warroom.store.client import Client, connect
from warroom.store.day import DayClock, LoadedDay, Roster, put_day
from warroom.store.server import EmbeddedServer

DAY = ElectionDay(
    name="Bench", date=date(2025, 6, 24), timezone="America/New_York", polls_open=clock(6), polls_close=clock(21),
    type="primary",
)  # fmt: skip
PRECINCTS, A_POST = 4_000, 1_000
Sent = tuple[int, float]  # status, seconds


def main() -> None:
    """Run all and print it."""
    with tempfile.TemporaryDirectory() as home:
        store = EmbeddedServer(Path(home) / "store")
        store.ensure()
        client = connect(store.url)
        _load(client)
        port = free_port()
        env = {k: v for k, v in os.environ.items() if not k.startswith("WARROOM_")} | {"REDIS_URL": store.url}
        command = [sys.executable, "-m", "warroom", "web", "--port", str(port), "--raw", f"{home}/raw"]
        web = subprocess.Popen(command, env=env)
        try:
            until("the web server", lambda: _answers(port))
            _run(port, {who: _key(client, who) for who in ("vendor", "flood", "calm")})
        finally:
            web.terminate()
            web.wait()
            store.stop()


def _run(port: int, key: dict[str, str]) -> None:
    work = [[_post("vendor", f"{k}-{n}") for n in range(15)] for k in range(3)]
    began = time.perf_counter()
    sent = _together(port, key["vendor"], work)
    rate = A_POST * len(sent) / (time.perf_counter() - began)
    print(f"3 senders, {A_POST} reports a post: {rate:,.0f} reports/s durable, post {_ms([s for _, s in sent])}")
    alone = _send(port, key["calm"], [_post("calm", f"a{n}", 1) for n in range(200)])
    print(f"one report a post, alone: {_ms([s for _, s in alone])}")
    flood = [[_post("flood", f"{k}-{n}") for n in range(10)] for k in range(3)]
    pouring = threading.Thread(target=_together, args=(port, key["flood"], flood))
    pouring.start()
    beside = _send(port, key["calm"], [_post("calm", f"b{n}", 1) for n in range(200)])
    pouring.join()
    print(f"the same beside 3 senders who flood without a limit: {_ms([s for _, s in beside])}")
    refused = [status for status, _ in [*sent, *alone, *beside] if status != 200]
    print(f"not taken: {len(refused)}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _together(port: int, key: str, work: Sequence[Sequence[bytes]]) -> list[Sent]:
    sent: list[Sent] = []
    threads = [threading.Thread(target=lambda posts=posts: sent.extend(_send(port, key, posts))) for posts in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent


def _send(port: int, key: str, posts: Sequence[bytes]) -> list[Sent]:
    line, sent = http.client.HTTPConnection("127.0.0.1", port), []
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    for body in posts:
        began = time.perf_counter()
        line.request("POST", "/api/v1/reports", body, headers)
        answer = line.getresponse()
        answer.read()
        sent.append((answer.status, time.perf_counter() - began))
    return sent


def _post(source: str, name: str, reports: int = A_POST) -> bytes:
    at = (DAY.opens_at + timedelta(hours=4)).isoformat()
    rows = [
        {"id": f"{name}-{n}", "kind": "checkins", "at": at, "source": source, "precinct": f"P{n}", "count": 57}
        for n in range(reports)
    ]
    return "\n".join(json.dumps(row) for row in rows).encode()


def _load(client: Client) -> None:
    precincts = [Precinct(precinct_id=f"P{n}", name=f"Precinct {n}") for n in range(PRECINCTS)]
    put_day(client, LoadedDay(day=DAY, roster=Roster(precincts, []), ceilings={}, folder=b"", geometry=b""))
    DayClock(client).set(DAY.opens_at + timedelta(hours=5), 1)


def _key(client: Client, source: str) -> str:
    return KeyStore(client).make(source, ("checkins",), int(time.time() * 1000), per_minute=MOST_PER_MINUTE)[1]


def _answers(port: int) -> bool:
    urllib.request.urlopen(f"http://127.0.0.1:{port}/signin", timeout=60).close()
    return True


def _ms(seconds: Sequence[float]) -> str:
    ranked = sorted(seconds)
    return f"p50 {statistics.median(ranked) * 1000:.1f} ms, p99 {ranked[int(len(ranked) * 0.99)] * 1000:.1f} ms"


if __name__ == "__main__":
    main()
