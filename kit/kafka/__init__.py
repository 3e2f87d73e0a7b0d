"""Events: written with the state (outbox), sent by the relay, applied once by consumers (inbox), or set aside."""

from __future__ import annotations

from kit.kafka.consumer import Consumer, ConsumerOptions
from kit.kafka.delivery import DeliveryOptions, Handler
from kit.kafka.envelope import Envelope
from kit.kafka.pending import Pending, PendingEvents, WakeUp
from kit.kafka.publisher import Publisher, Record, publisher
from kit.kafka.relay import Relay, RelayOptions
from kit.kafka.topics import dead_letter_topic, ensure_topics

__all__ = [
    "Consumer",
    "ConsumerOptions",
    "DeliveryOptions",
    "Envelope",
    "Handler",
    "Pending",
    "PendingEvents",
    "Publisher",
    "Record",
    "Relay",
    "RelayOptions",
    "WakeUp",
    "dead_letter_topic",
    "ensure_topics",
    "publisher",
]
