"""docs/asyncapi.json: the topics, their events and the JSON Schemas of the payloads (AsyncAPI 3.0)."""

from __future__ import annotations

from typing import Any

import orjson

from kit.kafka import dead_letter_topic
from proto.events import TOPICS, Payload

# Who reads what, by consumer group; the dead letters of a group lie in a topic of their own.
UNREAD = ("session.revoked", "notification.created", "comment.updated", "project.access.changed")
"""What the notification service has no use for."""
READERS: dict[str, tuple[str, ...]] = {
    "task": ("user-registered", "user.updated", "workspace.member.changed"),
    "notification": tuple(topic for topic in TOPICS if topic not in UNREAD),
    "worker": ("task.created", "task.updated", "task.status.updated"),
    "router": (
        "task.created",
        "task.updated",
        "task.status.updated",
        "comment.added",
        "comment.updated",
        "project.access.changed",
        "notification.created",
        "session.revoked",
        "workspace.member.changed",
    ),
}
HEADERS: dict[str, Any] = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_subject"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "The same when an event is sent again."},
        "ce_type": {"type": "string", "description": "The name of the topic."},
        "ce_source": {"type": "string", "description": "The service that sent it."},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_subject": {"type": "string", "description": "The aggregate's id, which is also the record's key."},
        "ce_tenant": {"type": "string", "format": "uuid", "description": "The workspace, where there is one."},
        "traceparent": {"type": "string", "description": "W3C trace context of the change."},
    },
}


def asyncapi() -> str:
    """The document as indented JSON."""
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "TaskFlow events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in Kafka's binary form; order holds per key; consumers must be idempotent.",
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic, payload) for topic, payload in TOPICS.items()},
        "operations": {
            f"{group}.{topic}": {"action": "receive", "channel": {"$ref": f"#/channels/{topic}"}, "x-group": group}
            | {"x-dead-letters": dead_letter_topic(topic, group)}
            for group, topics in READERS.items()
            for topic in topics
        },
        "components": {"messageTraits": {"cloudEvent": {"headers": HEADERS}}},
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def _channel(topic: str, payload: type[Payload]) -> dict[str, Any]:
    message = {
        "name": topic,
        "summary": (payload.__doc__ or "").strip(),
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": payload.model_json_schema(by_alias=True),
        },
    }
    return {"address": topic, "messages": {"event": {key: value for key, value in message.items() if value}}}
