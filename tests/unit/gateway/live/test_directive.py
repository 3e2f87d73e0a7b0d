import pytest
from graphql import ObjectTypeDefinitionNode, parse

from gateway.live.directive import LiveField, live_field
from gateway.live.template import InvalidTemplate


def read(field: str) -> LiveField | None:
    definition = parse(f"type Subscription {{ {field} }}").definitions[0]
    assert isinstance(definition, ObjectTypeDefinitionNode)
    node = (definition.fields or ())[0]
    return live_field(node, node.directives or ())


DIRECTIVE = '@live(topic: "{topic}", events: ["a", "b"], gate: "{gate}", value: "{{}}")'


def with_directive(topic: str, gate: str) -> LiveField | None:
    return read("f(projectId: ID!, after: ID): Int! " + DIRECTIVE.format(topic=topic, gate=gate))


def test_a_field_without_the_directive_is_no_live_field() -> None:
    assert read("f: Int") is None


def test_the_gate_declares_the_arguments_that_it_uses() -> None:
    field = with_directive("project:{args.projectId}", "project(id: $projectId) { id }")
    assert field is not None
    assert field.gate == "query LiveGate($projectId: ID!) { project(id: $projectId) { id } }"
    assert field.gate_variables == ("projectId",)
    assert field.events == {"a", "b"}


def test_a_gate_without_arguments_is_a_plain_query() -> None:
    field = with_directive("user:{viewer.id}", "me { id }")
    assert field is not None
    assert field.gate == "query LiveGate { me { id } }"


@pytest.mark.parametrize(
    ("topic", "gate"),
    [("project:{args.other}", "me { id }"), ("p:{x}", "me { id }"), ("p", "me {")],
)
def test_a_wrong_directive_names_the_field(topic: str, gate: str) -> None:
    with pytest.raises(InvalidTemplate, match=r"Subscription\.f"):
        with_directive(topic, gate)


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(InvalidTemplate, match="topic"):
        read('f: Int @live(events: [], gate: "a", value: "1")')
