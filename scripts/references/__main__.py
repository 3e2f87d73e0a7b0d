"""`./scripts/contracts` writes the generated references; `--check` says which of them are not what the code says."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.live.router import RouterSettings
from gateway.settings import GatewaySettings
from kit.settings import Settings
from scripts.engines.places import CHECKOUT
from scripts.references.asyncapi import asyncapi
from scripts.references.codes_page import codes_page
from scripts.references.graph import composed
from scripts.references.metrics_page import metrics_page
from scripts.references.openapi_document import openapi_document
from scripts.references.permissions_page import permissions_page
from scripts.references.settings_page import settings_page
from subgraphs.auth.settings import AuthSettings
from subgraphs.notification.settings import NotificationSettings
from subgraphs.task.settings import TaskSettings
from workflows.settings import WorkerSettings

PROCESSES: dict[str, type[Settings]] = {
    "gateway": GatewaySettings,
    "router": RouterSettings,
    "auth": AuthSettings,
    "task": TaskSettings,
    "notification": NotificationSettings,
    "worker": WorkerSettings,
}


def generated(checkout: Path = CHECKOUT) -> dict[str, str]:
    """The content of each reference by its path in the checkout."""
    supergraph, schema = composed(checkout)
    return {
        "docs/supergraph.graphql": supergraph,
        "docs/schema.graphql": schema,
        "docs/settings.md": settings_page(PROCESSES),
        "docs/error-codes.md": codes_page(),
        "docs/permissions.md": permissions_page(),
        "docs/metrics.md": metrics_page(),
        "docs/asyncapi.json": asyncapi(),
        "docs/openapi.json": openapi_document(schema),
    }


def main(words: Sequence[str]) -> int:
    """The exit code: with `--check` 1 when a reference is stale."""
    stale = {name: content for name, content in generated().items() if _current(name) != content}
    if words == ["--check"]:
        print("\n".join(f"{name} is stale: run ./scripts/contracts" for name in stale))
        return 1 if stale else 0
    for name, content in stale.items():
        (CHECKOUT / name).write_text(content)
    print("\n".join(f"wrote {name}" for name in stale) or "nothing has changed")
    return 0


def _current(name: str) -> str | None:
    path = CHECKOUT / name
    return path.read_text() if path.exists() else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
