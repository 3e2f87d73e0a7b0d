"""The processes of the product: commands, ports and settings, in the one place from which everything that starts them
(development, tests) is generated.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from scripts.engines.ports import LOOPBACK
from scripts.stack.keys import Keys

ENGINE_SETTINGS = {
    "postgres": ("TASKFLOW_POSTGRES_URL", "TASKFLOW_POSTGRES_OWNER_URL"),
    "mongo": ("TASKFLOW_MONGO_URL",),
    "redis": ("TASKFLOW_REDIS_URL",),
    "kafka": ("TASKFLOW_KAFKA_BOOTSTRAP",),
    "temporal": ("TASKFLOW_TEMPORAL_ADDRESS",),
    "smtp": ("TASKFLOW_SMTP_URL",),
}
EVERYWHERE = ("TASKFLOW_HOST", "TASKFLOW_PUBLIC_URL", "TASKFLOW_LOG_LEVEL", "TASKFLOW_OTLP_ENDPOINT")


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of process; any number of it may run."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    grpc: bool = False
    engines: tuple[str, ...] = ()  # it connects to these
    calls: tuple[str, ...] = ()  # settings that tell it where other processes are
    signs: bool = False  # it makes internal tokens with a key of its own
    verifies: bool = False  # it accepts internal tokens
    extra: tuple[str, ...] = ()  # settings of this role alone

    def command(self) -> list[str]:
        """What starts it, with the interpreter of this environment."""
        return [sys.executable, "-m", self.module, *self.arguments]


ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(
            "gateway",
            "gateway",
            arguments=("serve",),
            engines=("redis",),
            calls=("TASKFLOW_AUTH_URLS", "TASKFLOW_TASK_URLS", "TASKFLOW_NOTIFICATION_URLS", "TASKFLOW_AUTH_GRPC"),
            signs=True,
            extra=("TASKFLOW_POD_ID", "TASKFLOW_GRAPHIQL_DIR"),
        ),
        Role("router", "gateway.live.router", engines=("kafka", "redis")),
        Role(
            "auth",
            "subgraphs.auth",
            grpc=True,
            engines=("mongo", "redis", "kafka"),
            verifies=True,
            extra=("TASKFLOW_ACCESS_SIGNING_KEY",),
        ),
        Role(
            "task",
            "subgraphs.task",
            grpc=True,
            engines=("postgres", "redis", "kafka"),
            calls=("TASKFLOW_AUTH_GRPC",),
            signs=True,
            verifies=True,
        ),
        Role(
            "notification",
            "subgraphs.notification",
            engines=("mongo", "redis", "kafka", "smtp"),
            calls=("TASKFLOW_AUTH_GRPC",),
            signs=True,
            verifies=True,
            extra=("TASKFLOW_MAIL_FROM", "TASKFLOW_VAPID_PRIVATE_KEY", "TASKFLOW_PUSH_ALLOW_PRIVATE"),
        ),
        Role(
            "worker",
            "workflows",
            engines=("temporal", "kafka"),
            calls=("TASKFLOW_TASK_GRPC", "TASKFLOW_AUTH_GRPC"),
            signs=True,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Instance:
    """One process: `task-2` is the second of its role."""

    role: Role
    number: int

    @property
    def name(self) -> str:
        """Its name in tables, logs and the supervisor."""
        return f"{self.role.name}-{self.number}"

    @property
    def port_names(self) -> tuple[str, ...]:
        """Under which names its ports are remembered."""
        return (self.name, f"{self.name}.grpc") if self.role.grpc else (self.name,)


def instances(replicas: int, roles: Mapping[str, Role] = ROLES) -> list[Instance]:
    """Every process of a stack in which each role runs `replicas` times."""
    return [Instance(role, number) for role in roles.values() for number in range(1, replicas + 1)]


def addresses(everyone: list[Instance], ports: Mapping[str, int]) -> dict[str, str]:
    """The settings that tell processes where the others are, all replicas of a role in one."""

    def of(role: str, pattern: str, suffix: str = "") -> str:
        names = [instance.name + suffix for instance in everyone if instance.role.name == role]
        return ",".join(pattern.format(port=ports[name]) for name in names)

    graphql, plain = f"http://{LOOPBACK}:{{port}}/graphql", f"{LOOPBACK}:{{port}}"
    return {
        "TASKFLOW_AUTH_URLS": of("auth", graphql),
        "TASKFLOW_TASK_URLS": of("task", graphql),
        "TASKFLOW_NOTIFICATION_URLS": of("notification", graphql),
        "TASKFLOW_AUTH_GRPC": of("auth", plain, ".grpc"),
        "TASKFLOW_TASK_GRPC": of("task", plain, ".grpc"),
    }


def settings_of(instance: Instance, ports: Mapping[str, int], shared: Mapping[str, str], keys: Keys) -> dict[str, str]:
    """The settings of one process: exactly those its role names, of `shared` and of its own."""
    role = instance.role
    own = {"TASKFLOW_PORT": str(ports[instance.name]), "TASKFLOW_POD_ID": instance.name}
    if role.grpc:
        own["TASKFLOW_GRPC_PORT"] = str(ports[f"{instance.name}.grpc"])
    if role.signs:
        own["TASKFLOW_INTERNAL_SIGNING_KEY"] = keys.seeds[role.name]
    if role.verifies:
        own["TASKFLOW_INTERNAL_TRUSTED_KEYS"] = keys.trusted
    secrets = {"TASKFLOW_ACCESS_SIGNING_KEY": keys.access, "TASKFLOW_VAPID_PRIVATE_KEY": keys.vapid}
    known = {"TASKFLOW_PUSH_ALLOW_PRIVATE": "true", **secrets, **shared, **own}
    engine_settings = (name for engine in role.engines for name in ENGINE_SETTINGS[engine])
    wanted = (*EVERYWHERE, *engine_settings, *role.calls, *role.extra)
    return {name: known[name] for name in wanted if name in known} | {
        name: value for name, value in own.items() if name != "TASKFLOW_POD_ID"
    }
