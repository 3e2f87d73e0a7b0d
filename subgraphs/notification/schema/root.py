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
from subgraphs.notification.schema.push import PushMutation, PushQuery
from subgraphs.notification.schema.users import User


@strawberry.type
class Query(NotificationQuery, PushQuery):
    pass


@strawberry.type
class Mutation(NotificationMutation, PreferencesMutation, PushMutation):
    pass


schema = SubgraphSchema(query=Query, mutation=Mutation, subscription=NotificationSubscription, types=[User])
