"""The schema as a whole."""

from __future__ import annotations

from kit.graphql import SubgraphSchema
from subgraphs.notification.schema.notifications import (
    NotificationMutation,
    NotificationQuery,
    NotificationSubscription,
)
from subgraphs.notification.schema.users import User

schema = SubgraphSchema(
    query=NotificationQuery, mutation=NotificationMutation, subscription=NotificationSubscription, types=[User]
)
