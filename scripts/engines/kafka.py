"""Apache Kafka: one KRaft node that is broker and controller, from Maven's archives.

Set for a development machine: no waiting for a group to fill, one copy of each record, topics are created explicitly,
and a killed broker may come back at once.
"""

import signal
import socket
import struct
import subprocess
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from scripts.engines.engine import EngineError, Place
from scripts.engines.maven import archives, fetch, java
from scripts.engines.ports import LOOPBACK
from scripts.engines.progress import Say

JVM = ("-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
API_VERSIONS_REQUEST = struct.pack(">ihhih", 10, 18, 0, 1, -1)

CONFIG = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{broker},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={logs}
num.partitions=6
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=6
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
"""


@dataclass(frozen=True, slots=True)
class Kafka:
    """See `engine.Engine`."""

    name: str = "kafka"
    port_names: tuple[str, ...] = ("broker", "controller")
    stop_signal: signal.Signals = signal.SIGTERM

    def provision(self, cache: Path, tell: Say) -> None:
        java()
        fetch("kafka", "Kafka: fetching its archives (54 MB, once)", cache, tell)

    def create(self, place: Place, data: Path) -> None:
        config = _write_config(place, data)
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode().replace("-", "x")
        argv = [*_java(place), "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(config)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise EngineError(f"formatting Kafka's storage failed:\n{done.stdout}{done.stderr}")

    def command(self, place: Place) -> list[str]:
        return [*_java(place), "kafka.Kafka", str(_write_config(place, place.data))]

    def is_ready(self, place: Place) -> bool:
        # The broker answers requests only after the controller has let it in, so any answer means that it is up.
        try:
            with socket.create_connection((LOOPBACK, place.ports["broker"]), timeout=2.0) as connection:
                connection.sendall(API_VERSIONS_REQUEST)
                answer = connection.recv(10)
        except OSError:
            return False
        return len(answer) == 10 and struct.unpack(">iih", answer)[1:] == (1, 0)

    def environment(self, place: Place) -> dict[str, str]:
        return {"TASKFLOW_KAFKA_BOOTSTRAP": f"{LOOPBACK}:{place.ports['broker']}"}


def _java(place: Place) -> list[str]:
    return [java(), *JVM, "-cp", f"{archives('kafka', place.cache)}/*"]


def _write_config(place: Place, data: Path) -> Path:
    config = data / "server.properties"
    config.write_text(CONFIG.format(host=LOOPBACK, logs=data / "logs", **place.ports))
    return config
