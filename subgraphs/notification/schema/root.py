"""The schema as a whole."""

from __future__ import annotations

import strawberry

from kit.graphql import SubgraphSchema
from subgraphs.notification.schema.notifications import (
    NotificationMutation,
    NotificationQuery,
    NotificationSubscription,
)
from subgraphs.notification.schema.preferences import PreferencesMutation
from subgraphs.notification.schema.users import User


@strawberry.type
class Mutation(NotificationMutation, PreferencesMutation):
    pass


schema = SubgraphSchema(query=NotificationQuery, mutation=Mutation, subscription=NotificationSubscription, types=[User])
