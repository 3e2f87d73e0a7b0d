"""Every code that composition reports: what it means and what to do about it.

Invariant: this is the only place where a code is declared; `docs/composition-errors.md` is generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How much a hint asks for attention."""

    WARN = "warning"
    INFO = "information"
    DEBUG = "detail"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A reason to refuse a set of subgraphs."""

    code: str
    meaning: str
    remedy: str


@dataclass(frozen=True, slots=True)
class HintCode:
    """Something worth knowing about a set that composes."""

    code: str
    level: Level
    meaning: str


_ERRORS = (
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
    ErrorCode("KEY_FIELDS_HAS_ARGS", "A field with arguments stands in a @key.", "Use fields without arguments."),
    ErrorCode(
        "PROVIDES_FIELDS_HAS_ARGS", "A field with arguments stands in a @provides.", "Use fields without arguments."
    ),
    ErrorCode(
        "PROVIDES_FIELDS_MISSING_EXTERNAL",
        "A provided field is resolved by this subgraph anyway.",
        "Mark it @external or take it out of @provides.",
    ),
    ErrorCode(
        "REQUIRES_FIELDS_MISSING_EXTERNAL",
        "A required field is resolved by this subgraph anyway.",
        "Mark it @external or take it out of @requires.",
    ),
    ErrorCode(
        "KEY_UNSUPPORTED_ON_INTERFACE",
        "The subgraph's federation version does not know @key on interfaces.",
        "Link federation v2.3 or newer.",
    ),
    ErrorCode(
        "PROVIDES_UNSUPPORTED_ON_INTERFACE",
        "@provides stands on an interface field.",
        "Move it to the fields of the implementations.",
    ),
    ErrorCode(
        "REQUIRES_UNSUPPORTED_ON_INTERFACE",
        "@requires stands on an interface field.",
        "Move it to the fields of the implementations.",
    ),
    ErrorCode(
        "PROVIDES_ON_NON_OBJECT_FIELD", "@provides stands on a field of scalar or enum type.", "Remove @provides."
    ),
    ErrorCode("KEY_INVALID_FIELDS_TYPE", "The fields of a @key are not a string.", 'Write fields: "id".'),
    ErrorCode("PROVIDES_INVALID_FIELDS_TYPE", "The fields of a @provides are not a string.", 'Write fields: "name".'),
    ErrorCode("REQUIRES_INVALID_FIELDS_TYPE", "The fields of a @requires are not a string.", 'Write fields: "name".'),
    ErrorCode(
        "KEY_INVALID_FIELDS",
        "The fields of a @key are not a valid selection on the type.",
        "Correct the selection or declare the fields.",
    ),
    ErrorCode(
        "PROVIDES_INVALID_FIELDS",
        "The fields of a @provides are not a valid selection on the field's type.",
        "Correct the selection or declare the fields.",
    ),
    ErrorCode(
        "REQUIRES_INVALID_FIELDS",
        "The fields of a @requires are not a valid selection on the type.",
        "Correct the selection or declare the fields.",
    ),
    ErrorCode(
        "KEY_FIELDS_SELECT_INVALID_TYPE",
        "A field in a @key is of an interface or union type.",
        "Use fields of object and leaf types.",
    ),
    ErrorCode("KEY_DIRECTIVE_IN_FIELDS_ARG", "A directive is applied inside the fields of a @key.", "Remove it."),
    ErrorCode(
        "PROVIDES_DIRECTIVE_IN_FIELDS_ARG", "A directive is applied inside the fields of a @provides.", "Remove it."
    ),
    ErrorCode(
        "REQUIRES_DIRECTIVE_IN_FIELDS_ARG", "A directive is applied inside the fields of a @requires.", "Remove it."
    ),
    ErrorCode(
        "EXTERNAL_UNUSED",
        "A field is @external but nothing in the subgraph uses it.",
        "Remove the field or the directive.",
    ),
    ErrorCode(
        "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
        "@external stands beside a directive that contradicts it.",
        "Remove one of the two.",
    ),
    ErrorCode(
        "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
        "A federation 1 type has nothing but unused @external fields.",
        "Remove the type from the subgraph.",
    ),
    ErrorCode(
        "EXTERNAL_TYPE_MISMATCH",
        "An @external field has another type than where it is resolved.",
        "Declare the same type.",
    ),
    ErrorCode(
        "EXTERNAL_ARGUMENT_MISSING",
        "An @external field lacks an argument of the field that is resolved elsewhere.",
        "Declare the argument.",
    ),
    ErrorCode(
        "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
        "An argument of an @external field has another type than where the field is resolved.",
        "Declare the same type.",
    ),
    ErrorCode(
        "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
        "An argument of an @external field has another default than where the field is resolved.",
        "Declare the same default.",
    ),
    ErrorCode(
        "EXTERNAL_ON_INTERFACE", "@external stands on an interface field.", "Mark the fields of the implementations."
    ),
    ErrorCode(
        "EXTERNAL_MISSING_ON_BASE", "A field is @external everywhere it is declared.", "Resolve it in one subgraph."
    ),
    ErrorCode(
        "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
        "A composed directive stands on an @external field.",
        "Apply it where the field is resolved.",
    ),
    ErrorCode(
        "EXTENSION_WITH_NO_BASE",
        "A federation 1 extension extends a type that no subgraph defines.",
        "Define the type in one subgraph.",
    ),
    ErrorCode(
        "TYPE_KIND_MISMATCH", "A type has different kinds in different subgraphs.", "Rename one or align the kinds."
    ),
    ErrorCode("FIELD_TYPE_MISMATCH", "A field has incompatible types in different subgraphs.", "Align the types."),
    ErrorCode(
        "FIELD_ARGUMENT_TYPE_MISMATCH", "An argument has incompatible types in different subgraphs.", "Align the types."
    ),
    ErrorCode(
        "INPUT_FIELD_DEFAULT_MISMATCH",
        "An input field has different defaults in different subgraphs.",
        "Align the defaults.",
    ),
    ErrorCode(
        "FIELD_ARGUMENT_DEFAULT_MISMATCH",
        "An argument has different defaults in different subgraphs.",
        "Align the defaults.",
    ),
    ErrorCode(
        "INVALID_FIELD_SHARING",
        "Several subgraphs resolve a field that is not shareable in all of them.",
        "Mark it @shareable everywhere or resolve it once.",
    ),
    ErrorCode(
        "INVALID_SHAREABLE_USAGE",
        "@shareable stands where it cannot, or twice on one declaration.",
        "Apply it once, to fields of object types.",
    ),
    ErrorCode(
        "INTERFACE_FIELD_NO_IMPLEM",
        "An implementation of an interface lacks one of its fields in the supergraph.",
        "Add the field to every implementation.",
    ),
    ErrorCode(
        "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
        "An argument is required in one subgraph and missing in another.",
        "Declare it everywhere or make it optional.",
    ),
    ErrorCode(
        "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
        "An input field is required in one subgraph and missing in another.",
        "Declare it everywhere or make it optional.",
    ),
    ErrorCode(
        "EMPTY_MERGED_INPUT_TYPE",
        "No input field is common to all subgraphs that define the type.",
        "Keep at least one field in all of them.",
    ),
    ErrorCode(
        "ENUM_VALUE_MISMATCH",
        "An enum used for input and output has different values in different subgraphs.",
        "Declare the same values or mark the odd one @inaccessible.",
    ),
    ErrorCode(
        "EMPTY_MERGED_ENUM_TYPE",
        "No enum value is common to all subgraphs that define the type.",
        "Keep at least one value in all of them.",
    ),
    ErrorCode(
        "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
        "Resolvers of one shareable field can return no common object type.",
        "Make their possible types overlap.",
    ),
    ErrorCode(
        "DIRECTIVE_COMPOSITION_ERROR",
        "A directive named by @composeDirective cannot be composed.",
        "Link the directive's specification the same way everywhere.",
    ),
    ErrorCode(
        "SATISFIABILITY_ERROR",
        "A query that the supergraph allows cannot be answered by the subgraphs.",
        "Add a @key, or make the field resolvable where it is reached.",
    ),
    ErrorCode(
        "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
        "There are too many ways through the subgraphs to check the supergraph.",
        "Share fewer fields between fewer subgraphs.",
    ),
    ErrorCode(
        "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        "@override stands on, or takes over, a field with a directive that contradicts it.",
        "Remove one of the two.",
    ),
    ErrorCode("OVERRIDE_FROM_SELF_ERROR", "A field overrides itself.", 'Name the other subgraph in "from".'),
    ErrorCode(
        "OVERRIDE_SOURCE_HAS_OVERRIDE", "The overridden field is itself an override.", "Keep one @override per field."
    ),
    ErrorCode(
        "OVERRIDE_ON_INTERFACE", "@override stands on an interface field.", "Mark the fields of the implementations."
    ),
    ErrorCode(
        "OVERRIDE_LABEL_INVALID",
        "The label of an @override is malformed.",
        "Start with a letter, or write percent(0 to 100).",
    ),
    ErrorCode(
        "INTERFACE_OBJECT_USAGE_ERROR",
        "@interfaceObject lacks its key, its interface or meets an implementation.",
        "Give it the interface's @key and keep its implementations out of the subgraph.",
    ),
    ErrorCode(
        "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
        "An implementation lacks the @key of its interface.",
        "Add the key to every implementation.",
    ),
    ErrorCode(
        "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
        "A subgraph with a resolvable interface key lacks one of the implementations.",
        "Define the missing implementation there.",
    ),
    ErrorCode(
        "REFERENCED_INACCESSIBLE",
        "An accessible element refers to an @inaccessible type.",
        "Hide the element too, or show the type.",
    ),
    ErrorCode(
        "DEFAULT_VALUE_USES_INACCESSIBLE",
        "A visible default value uses an @inaccessible element.",
        "Change the default or show the element.",
    ),
    ErrorCode("QUERY_ROOT_TYPE_INACCESSIBLE", "The query root type is @inaccessible.", "Show it."),
    ErrorCode(
        "REQUIRED_INACCESSIBLE", "A required argument or input field is @inaccessible.", "Make it optional or show it."
    ),
    ErrorCode("DISALLOWED_INACCESSIBLE", "@inaccessible stands on an element that cannot be hidden.", "Remove it."),
    ErrorCode(
        "IMPLEMENTED_BY_INACCESSIBLE",
        "A field or argument is @inaccessible but implements a visible interface field.",
        "Hide the interface's field too, or show it.",
    ),
    ErrorCode(
        "ONLY_INACCESSIBLE_CHILDREN", "A visible type has nothing visible in it.", "Hide the type or show a member."
    ),
    ErrorCode("CONTEXT_NOT_SET", "@fromContext uses a context that no type sets.", "Add @context with that name."),
    ErrorCode(
        "CONTEXT_INVALID_SELECTION",
        "The selection of a @fromContext is not valid for its context.",
        "Select one field of matching type.",
    ),
    ErrorCode("NO_CONTEXT_IN_SELECTION", "@fromContext names no context.", "Start the field with $name."),
    ErrorCode("CONTEXT_NO_RESOLVABLE_KEY", "A type with a contextual argument has no resolvable key.", "Add a @key."),
    ErrorCode("CONTEXT_NAME_INVALID", "The name of a @context is malformed.", "Use letters and digits."),
    ErrorCode(
        "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
        "A contextual argument is an ordinary required one in another subgraph.",
        "Make it contextual, or optional, there too.",
    ),
    ErrorCode(
        "COST_APPLIED_TO_INTERFACE_FIELD",
        "@cost stands on an interface field.",
        "Mark the fields of the implementations.",
    ),
    ErrorCode(
        "LIST_SIZE_APPLIED_TO_NON_LIST",
        "@listSize stands on something that is not a list.",
        "Use sizedFields, or apply it to a list.",
    ),
    ErrorCode("LIST_SIZE_INVALID_ASSUMED_SIZE", "The assumed size is negative.", "Use zero or more."),
    ErrorCode("LIST_SIZE_INVALID_SIZED_FIELD", "A sized field does not exist.", "Name a field of the type."),
    ErrorCode(
        "LIST_SIZE_INVALID_SLICING_ARGUMENT",
        "A slicing argument does not exist or is no integer.",
        "Name an Int argument of the field.",
    ),
    ErrorCode(
        "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
        "An authorization directive stands on an interface or interface object.",
        "Apply it to the implementations.",
    ),
    ErrorCode(
        "AUTH_REQUIREMENTS_TOO_COMPLEX",
        "Scopes or policies that several subgraphs demand have more than 500 alternatives at once.",
        "Demand fewer alternatives, or in fewer subgraphs.",
    ),
    ErrorCode(
        "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
        "A field reads, through @requires or @fromContext, data that needs more authorization than itself.",
        "Add the missing requirements to the field.",
    ),
)

_HINTS = (
    HintCode(
        "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
        Level.WARN,
        "A default value is given in some subgraphs only; it is dropped.",
    ),
    HintCode(
        "INCONSISTENT_INPUT_OBJECT_FIELD", Level.WARN, "An input field is missing in some subgraphs; it is dropped."
    ),
    HintCode(
        "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
        Level.WARN,
        "A value of an enum used for input is missing in some subgraphs; it is dropped.",
    ),
    HintCode(
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
        Level.WARN,
        "An executable directive is not defined in all subgraphs; it is dropped.",
    ),
    HintCode(
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
        Level.WARN,
        "An executable directive is repeatable in some subgraphs only.",
    ),
    HintCode(
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
        Level.WARN,
        "An executable directive has different locations; the common ones are kept.",
    ),
    HintCode(
        "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
        Level.WARN,
        "An executable directive has no location common to all subgraphs; it is dropped.",
    ),
    HintCode(
        "INCONSISTENT_DESCRIPTION", Level.WARN, "An element has different descriptions; the most frequent one is kept."
    ),
    HintCode(
        "INCONSISTENT_ARGUMENT_PRESENCE",
        Level.WARN,
        "An optional argument is missing in some subgraphs; it is dropped.",
    ),
    HintCode("FROM_SUBGRAPH_DOES_NOT_EXIST", Level.WARN, "An @override names a subgraph that does not exist."),
    HintCode(
        "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        Level.WARN,
        "A directive has different arguments; the most frequent ones are kept.",
    ),
    HintCode("DIRECTIVE_COMPOSITION_WARN", Level.WARN, "Composing a directive may surprise."),
    HintCode(
        "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
        Level.WARN,
        "Resolvers of a shareable field may return different object types.",
    ),
    HintCode("INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE", Level.INFO, "A field has different but compatible types."),
    HintCode(
        "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
        Level.INFO,
        "An argument or input field has different but compatible types.",
    ),
    HintCode("INCONSISTENT_ENTITY", Level.INFO, "A type has a @key in some subgraphs only."),
    HintCode("OVERRIDDEN_FIELD_CAN_BE_REMOVED", Level.INFO, "An overridden field is no longer used."),
    HintCode(
        "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", Level.INFO, "The field named by an @override no longer exists there."
    ),
    HintCode("OVERRIDE_MIGRATION_IN_PROGRESS", Level.INFO, "A field is being migrated with a labelled @override."),
    HintCode(
        "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", Level.INFO, "Different arguments of a directive were merged."
    ),
    HintCode("DIRECTIVE_COMPOSITION_INFO", Level.INFO, "What was decided while composing a directive."),
    HintCode(
        "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
        Level.INFO,
        "A linked feature needs a newer federation version than the subgraph links.",
    ),
    HintCode(
        "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
        Level.INFO,
        "An argument is contextual in some subgraphs only.",
    ),
    HintCode(
        "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD", Level.DEBUG, "A field of a value type is missing in some subgraphs."
    ),
    HintCode(
        "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD", Level.DEBUG, "A field of an interface is missing in some subgraphs."
    ),
    HintCode("INCONSISTENT_UNION_MEMBER", Level.DEBUG, "A member of a union is missing in some subgraphs."),
    HintCode(
        "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
        Level.DEBUG,
        "A value of an enum used for output is missing in some subgraphs.",
    ),
    HintCode(
        "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE",
        Level.DEBUG,
        "A type system directive is repeatable in some subgraphs only.",
    ),
    HintCode(
        "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS", Level.DEBUG, "A type system directive has different locations."
    ),
    HintCode("UNUSED_ENUM_TYPE", Level.DEBUG, "An enum is used nowhere."),
)

ERRORS = {entry.code: entry for entry in _ERRORS}
HINTS = {entry.code: entry for entry in _HINTS}
