import pytest

from gateway.live.template import InvalidTemplate, TopicTemplate, UnusableTopicValue, ValueTemplate

EVENT = {
    "id": "e1",
    "type": "task.created",
    "time": "2026-01-01T00:00:00Z",
    "data": {"task": {"id": "t1"}, "changed": ["title"]},
}


class TestTopicTemplate:
    def test_fills_arguments_and_viewer(self) -> None:
        template = TopicTemplate.parse("project:{args.projectId}:{viewer.id}")
        assert template.render({"projectId": "p1"}, {"id": "u1"}) == "project:p1:u1"

    @pytest.mark.parametrize("text", ["", "a:{b}", "a:{args.}", "a:{args.x", "a:}", "{other.x}"])
    def test_refuses_other_braces(self, text: str) -> None:
        with pytest.raises(InvalidTemplate):
            TopicTemplate.parse(text)

    @pytest.mark.parametrize("value", [None, "", "a b", "a:b", "x" * 129, "é", "a\n"])
    def test_refuses_values_that_could_address_another_key(self, value: str | None) -> None:
        with pytest.raises(UnusableTopicValue):
            TopicTemplate.parse("user:{args.id}").render({"id": value}, {})


class TestValueTemplate:
    def test_builds_nested_values_from_paths(self) -> None:
        template = ValueTemplate.parse('{"eventId": "$id", "task": "$data.task", "list": ["$type", 1, null, "plain"]}')
        assert template.build(EVENT) == {
            "eventId": "e1",
            "task": {"id": "t1"},
            "list": ["task.created", 1, None, "plain"],
        }

    def test_a_path_that_leads_nowhere_is_null(self) -> None:
        assert ValueTemplate.parse('"$data.task.id.deeper"').build(EVENT) is None

    @pytest.mark.parametrize("text", ["{", '"$secret"', '{"a": ["$request.headers"]}'])
    def test_refuses_text_that_is_no_template(self, text: str) -> None:
        with pytest.raises(InvalidTemplate):
            ValueTemplate.parse(text)
