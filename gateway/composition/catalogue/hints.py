"""Hints: worth knowing, never a reason to refuse."""

from __future__ import annotations

from gateway.composition.catalogue.entry import HintCode, Level

CODES = (
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
