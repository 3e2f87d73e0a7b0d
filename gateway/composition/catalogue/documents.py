"""Documents and links."""

from __future__ import annotations

from gateway.composition.catalogue.entry import ErrorCode

CODES = (
    ErrorCode(
        "INVALID_GRAPHQL",
        "The document is not valid GraphQL SDL, or uses an unknown type or directive.",
        "Correct the SDL at the place shown.",
    ),
    ErrorCode(
        "DIRECTIVE_DEFINITION_INVALID",
        "A subgraph defines a federation directive differently from its specification.",
        "Remove the definition (it is added for you) or make it match.",
    ),
    ErrorCode(
        "TYPE_DEFINITION_INVALID",
        "A subgraph defines a type of a specification differently from that specification.",
        "Remove the definition or make it match.",
    ),
    ErrorCode(
        "UNSUPPORTED_LINKED_FEATURE",
        "A linked feature cannot be used by this version of federation.",
        "Link another version of the feature.",
    ),
    ErrorCode(
        "UNKNOWN_FEDERATION_LINK_VERSION",
        "The linked version of the federation specification is unknown.",
        "Link a version from v2.0 to v2.14.",
    ),
    ErrorCode(
        "UNKNOWN_LINK_VERSION",
        "The linked version of the link specification is unknown.",
        "Link https://specs.apollo.dev/link/v1.0.",
    ),
    ErrorCode(
        "INVALID_LINK_DIRECTIVE_USAGE",
        "An application of @link has wrong or clashing arguments.",
        'Correct the imports or rename with "as".',
    ),
    ErrorCode(
        "INVALID_LINK_IDENTIFIER",
        "The url of an @link is not the address of a version of a specification.",
        "Write it as https://host/name/v1.0.",
    ),
    ErrorCode(
        "LINK_IMPORT_NAME_MISMATCH",
        "One composed directive has different names in different subgraphs.",
        "Import it under the same name everywhere.",
    ),
    ErrorCode(
        "INVALID_SUBGRAPH_NAME",
        "Two subgraphs share a name, or a name is empty or reserved.",
        'Give every subgraph its own name that does not start with "__".',
    ),
    ErrorCode(
        "INVALID_SUBGRAPH_LIST",
        "The input of a command is not a list of {name, url, sdl}.",
        "Send a JSON list with a name and an SDL text for each subgraph.",
    ),
    ErrorCode("NO_QUERIES", "No subgraph has a query field.", "Add a field to Query in at least one subgraph."),
    ErrorCode(
        "ROOT_QUERY_USED", "A type named Query exists beside the query root of another name.", "Rename the type."
    ),
    ErrorCode(
        "ROOT_MUTATION_USED",
        "A type named Mutation exists beside the mutation root of another name.",
        "Rename the type.",
    ),
    ErrorCode(
        "ROOT_SUBSCRIPTION_USED",
        "A type named Subscription exists beside the subscription root of another name.",
        "Rename the type.",
    ),
)
