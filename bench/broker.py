"""A real Apache Kafka of one node (KRaft) for the tests and the bench; or where the jars come from, and why not."""

import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from bench.running import free_ports

POM = Path(__file__).parents[1] / "tests" / "kafka" / "pom.xml"
CACHE = Path.home() / ".cache" / "warroom-kafka" / "4.1.1"
HOW = (
    "no Kafka: set KAFKA_BOOTSTRAP=host:port to a broker whose topics may be made and deleted, or KAFKA_JARS to the "
    "libs folder of a Kafka 4, or install Java 17 and Maven (Debian: apt-get install openjdk-17-jre-headless maven)"
)
CLUSTER = "war-room-tests-kafka0A"  # sixteen bytes in base64; a random one may start with a dash, read as an option
START_S = 120.0
FETCH_S, FAILED_HOLDS_S = 150.0, 600.0
USER, PASSWORD = "warroom", "a password of the tests"


class NoBroker(Exception):
    """There is no broker to be had here; the text says how to get one."""


def jars() -> Path:
    """A folder of jars: KAFKA_JARS, or the cache, filled by Maven where it is empty. Raises NoBroker."""
    if given := os.environ.get("KAFKA_JARS"):
        return Path(given)
    if shutil.which("java") is None:
        raise NoBroker(HOW)
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with (CACHE.parent / "lock").open("w") as lock:  # several test processes ask at once: one fetches
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not any(CACHE.glob("kafka_2.13-*.jar")):
            _fetch()
    return CACHE


def _fetch() -> None:
    """Fill the cache. A failure is remembered for a while, so that the next process does not wait for it again."""
    failed = CACHE.parent / "failed"
    if shutil.which("mvn") is None or not POM.is_file():
        raise NoBroker(HOW)
    if failed.exists() and time.time() - failed.stat().st_mtime < FAILED_HOLDS_S:
        raise NoBroker(f"{failed.read_text(encoding='utf-8')} {HOW}")
    half = CACHE.with_name(f"{CACHE.name}.{os.getpid()}")
    command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={half}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_S)
        problem = f"Maven cannot fetch Kafka ({done.stdout.strip()[-200:]})." if done.returncode else ""
    except subprocess.TimeoutExpired:
        problem = f"Maven had not fetched Kafka after {FETCH_S:.0f} s."
    if problem:
        shutil.rmtree(half, ignore_errors=True)
        failed.write_text(problem, encoding="utf-8")
        raise NoBroker(f"{problem} {HOW}")
    shutil.rmtree(CACHE, ignore_errors=True)
    half.rename(CACHE)


class Broker:
    """One node that listens in the clear, with SASL, and with TLS (certificate in `cafile`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jars = jars()
        self._process: subprocess.Popen[bytes] | None = None
        self.port, self.sasl_port, self.tls_port, self._controller = free_ports(4)
        self.cafile = folder / "ca.pem"
        folder.mkdir(parents=True, exist_ok=True)
        self._make_certificate()
        (folder / "server.properties").write_text(self._settings())
        scram = f"SCRAM-SHA-256=[name={USER},password={PASSWORD}]"
        tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", "server.properties", "--add-scram", scram]
        done = subprocess.run(self._java(*tool), cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise NoBroker(f"Kafka cannot be set up: {(done.stderr + done.stdout)[-500:]}")

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, or start it again where it was killed, and wait until it answers."""
        with (self._folder / "broker.log").open("ab") as log:
            command = self._java("kafka.Kafka", "server.properties")
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log)
        deadline = monotonic() + START_S
        while monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            sleep(0.05)
        raise NoBroker(f"Kafka did not start: {(self._folder / 'broker.log').read_text()[-1000:]}")

    def kill(self) -> None:
        """SIGKILL: no farewell to anybody."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()  # its data is thrown away: a farewell would only take time
            self._process.wait()

    def _java(self, *arguments: str) -> list[str]:
        lean = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN"]
        return ["java", *lean, "-cp", f"{self._jars}/*", *arguments]

    def _make_certificate(self) -> None:
        store = self._folder / "tls.p12"
        tool = [
            "keytool",
            "-storetype",
            "PKCS12",
            "-storepass",
            "changeit",
            "-keystore",
            str(store),
            "-alias",
            "broker",
        ]
        pair = ["-genkeypair", "-keyalg", "EC", "-dname", "CN=127.0.0.1", "-ext", "SAN=ip:127.0.0.1", "-validity", "2"]
        subprocess.run([*tool, *pair], check=True, capture_output=True)
        subprocess.run([*tool, "-exportcert", "-rfc", "-file", str(self.cafile)], check=True, capture_output=True)

    def _settings(self) -> str:
        jaas = "org.apache.kafka.common.security"
        listeners = {"PLAINTEXT": self.port, "SASL_PLAINTEXT": self.sasl_port, "SSL": self.tls_port}
        lines = [f"{name}://127.0.0.1:{port}" for name, port in listeners.items()]
        return "\n".join([
            "process.roles=broker,controller", "node.id=1", "controller.listener.names=CONTROLLER",
            f"controller.quorum.voters=1@127.0.0.1:{self._controller}",
            f"listeners={','.join([*lines, f'CONTROLLER://127.0.0.1:{self._controller}'])}",
            f"advertised.listeners={','.join(lines)}",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT",
            f"log.dirs={self._folder / 'log'}", "auto.create.topics.enable=false",
            "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1",
            "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1",
            "transaction.state.log.num.partitions=1", "share.coordinator.state.topic.replication.factor=1",
            "share.coordinator.state.topic.min.isr=1", "group.initial.rebalance.delay.ms=0",
            "group.min.session.timeout.ms=1000",
            "broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=500",
            "num.network.threads=1", "num.io.threads=2",
            "message.max.bytes=2000000", "log.cleaner.enable=false",
            "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256",
            f"listener.name.sasl_plaintext.plain.sasl.jaas.config={jaas}.plain.PlainLoginModule required "
            f'user_{USER}="{PASSWORD}";',
            f"listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config={jaas}.scram.ScramLoginModule required;",
            f"ssl.keystore.location={self._folder / 'tls.p12'}", "ssl.keystore.type=PKCS12",
            "ssl.keystore.password=changeit", "ssl.key.password=changeit",
        ]) + "\n"  # fmt: skip


class GivenBroker:
    """The broker of KAFKA_BOOTSTRAP: in the clear only, and never killed."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap


@contextmanager
def broker_for_tests(folder: Path) -> Iterator[Broker | GivenBroker]:
    """KAFKA_BOOTSTRAP, or a broker of our own in `folder`. Raises NoBroker with how to get one."""
    if given := os.environ.get("KAFKA_BOOTSTRAP"):
        yield GivenBroker(given)
        return
    broker = Broker(folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
