"""Makes the documents known to Beanie: collections and their indexes."""

from __future__ import annotations

from beanie import init_beanie

from subgraphs.notification.store.deliveries import DeliveryDocument
from subgraphs.notification.store.ledger import AppliedEventDocument
from subgraphs.notification.store.memberships import MembershipDocument
from subgraphs.notification.store.mentions import MentionsDocument
from subgraphs.notification.store.mongo import DATABASE, Client
from subgraphs.notification.store.notifications import InboxDocument, NotificationDocument
from subgraphs.notification.store.preferences import PreferencesDocument
from subgraphs.notification.store.profiles import ProfileDocument
from subgraphs.notification.store.pushes import PushDocument, SubscriptionDocument

_DOCUMENTS = (
    AppliedEventDocument,
    DeliveryDocument,
    InboxDocument,
    MembershipDocument,
    MentionsDocument,
    NotificationDocument,
    PreferencesDocument,
    ProfileDocument,
    PushDocument,
    SubscriptionDocument,
)


async def prepare(client: Client, database: str = DATABASE) -> None:
    """Binds the documents to a database and creates what indexes are missing."""
    await init_beanie(database=client[database], document_models=list(_DOCUMENTS))
