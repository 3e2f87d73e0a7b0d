"""The directives of the federation specification, one module each; this one only lists them."""

from __future__ import annotations

from gateway.language.directives.authenticated import AUTHENTICATED
from gateway.language.directives.cache_tag import CACHE_TAG
from gateway.language.directives.compose_directive import COMPOSE_DIRECTIVE
from gateway.language.directives.connect import CONNECT
from gateway.language.directives.context import CONTEXT
from gateway.language.directives.cost import COST
from gateway.language.directives.extends import EXTENDS
from gateway.language.directives.external import EXTERNAL
from gateway.language.directives.from_context import FROM_CONTEXT
from gateway.language.directives.inaccessible import INACCESSIBLE
from gateway.language.directives.interface_object import INTERFACE_OBJECT
from gateway.language.directives.key import KEY
from gateway.language.directives.list_size import LIST_SIZE
from gateway.language.directives.override import OVERRIDE
from gateway.language.directives.policy import POLICY
from gateway.language.directives.provides import PROVIDES
from gateway.language.directives.requires import REQUIRES
from gateway.language.directives.requires_scopes import REQUIRES_SCOPES
from gateway.language.directives.shareable import SHAREABLE
from gateway.language.directives.source import SOURCE
from gateway.language.directives.spec import DirectiveSpec
from gateway.language.directives.tag import TAG

ALL: tuple[DirectiveSpec, ...] = (
    KEY,
    REQUIRES,
    PROVIDES,
    EXTERNAL,
    TAG,
    EXTENDS,
    SHAREABLE,
    INACCESSIBLE,
    OVERRIDE,
    COMPOSE_DIRECTIVE,
    INTERFACE_OBJECT,
    AUTHENTICATED,
    REQUIRES_SCOPES,
    POLICY,
    CONTEXT,
    FROM_CONTEXT,
    COST,
    LIST_SIZE,
    CACHE_TAG,
    CONNECT,
    SOURCE,
)
BY_NAME = {spec.name: spec for spec in ALL}


def known_at(minor: int) -> list[DirectiveSpec]:
    """The directives that federation 2.`minor` defines."""
    return [spec for spec in ALL if spec.since <= minor]
