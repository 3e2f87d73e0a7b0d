"""The list of engines, in the order in which they are started."""

from scripts.engines.engine import Engine
from scripts.engines.kafka import Kafka
from scripts.engines.mongo import Mongo
from scripts.engines.postgres import Postgres
from scripts.engines.redis import Redis
from scripts.engines.temporal import Temporal

# Slow starters first: all are started at once, so the whole takes as long as the slowest.
ENGINES: dict[str, Engine] = {engine.name: engine for engine in (Kafka(), Temporal(), Postgres(), Mongo(), Redis())}

REPLACED_BY = {
    "kafka": "TASKFLOW_KAFKA_BOOTSTRAP",
    "temporal": "TASKFLOW_TEMPORAL_ADDRESS",
    "postgres": "TASKFLOW_POSTGRES_URL",
    "mongo": "TASKFLOW_MONGO_URL",
    "redis": "TASKFLOW_REDIS_URL",
}
