"""Owns the root types of the auth subgraph: what each noun brings, put together."""

from __future__ import annotations

from functools import cache

import strawberry

from kit.graphql import SubgraphSchema
from subgraphs.auth.schema.credentials import CredentialMutations
from subgraphs.auth.schema.inviting import InvitationMutations
from subgraphs.auth.schema.roles import RoleMutations, RoleQueries
from subgraphs.auth.schema.sessions import SessionMutations, SessionQueries
from subgraphs.auth.schema.users import User, UserMutations, UserQueries
from subgraphs.auth.schema.workspaces import Workspace, WorkspaceMutations, WorkspaceQueries


@strawberry.type
class Query(UserQueries, SessionQueries, WorkspaceQueries, RoleQueries):
    pass


@strawberry.type
class Mutation(
    SessionMutations, CredentialMutations, UserMutations, WorkspaceMutations, RoleMutations, InvitationMutations
):
    pass


@cache
def build_schema() -> SubgraphSchema:
    """Made once: putting it together takes longer than most of what it answers."""
    return SubgraphSchema(query=Query, mutation=Mutation, types=[User, Workspace])
