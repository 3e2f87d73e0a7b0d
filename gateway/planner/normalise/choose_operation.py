"""Owns the choice of the operation to run among a document's definitions."""

from __future__ import annotations

from graphql import DocumentNode, OperationDefinitionNode

from gateway.planner.errors import UnknownOperation


def choose_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The named operation, or the only one.

    Raises:
        UnknownOperation: there is none of that name, or no name and not exactly one operation.
    """
    operations = [item for item in document.definitions if isinstance(item, OperationDefinitionNode)]
    if name:
        for operation in operations:
            if operation.name is not None and operation.name.value == name:
                return operation
        raise UnknownOperation(f'The document has no operation named "{name}".')
    if len(operations) == 1:
        return operations[0]
    raise UnknownOperation(
        "The document has several operations: name the one to run." if operations else "The document has no operation."
    )
