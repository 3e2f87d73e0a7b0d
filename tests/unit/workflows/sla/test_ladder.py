"""The order of a policy's alerts: each once, the last of the missed for all, nothing while paused or acknowledged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.sla import state as rules
from workflows.sla.ladder import MOST_REPETITIONS
from workflows.sla.types import Alert, Fired, Reading, Rung, SlaState, TaskChange, Terms

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DUE = NOW + 100 * HOUR
CHANGE = TaskChange(version=1, due_at=DUE, open=True, deleted=False, known_at=NOW, policy=1)
TERMS = Terms(
    policy=1,
    task_version=1,
    reminder_seconds=(48 * 3600, 3600),
    ladder=(Rung(0), Rung(7200, 3600)),
    breach_at=DUE,
    paused=False,
    acknowledged=False,
    known_at=NOW,
)


def known(terms: Terms = TERMS, change: TaskChange = CHANGE) -> SlaState:
    state = rules.applied(SlaState(), change)
    return rules.learned(state, Reading(change, terms), doubts=0, now=NOW)


def told(state: SlaState, until: datetime, awake: timedelta | None = None) -> list[tuple[str, float]]:
    """What is given up to a time: when it is due, or at the next multiple of `awake`."""
    found, now = [], NOW
    while (step := rules.next_step(state, now)) is not None:
        now = max(now, step.at)
        if awake is not None:
            now += -(now - NOW) % awake
        if now > until:
            break
        step = rules.next_step(state, now)
        assert step is not None
        found.append((step.key, (now - NOW) / HOUR))
        state = rules.given(state, step)
    return found


def test_reminders_come_before_the_breach_and_the_ladder_after_it() -> None:
    assert told(known(), NOW + 104 * HOUR) == [
        ("reminder:172800", 52),
        ("reminder:3600", 99),
        ("escalation:0:0:0", 100),
        ("escalation:7200:0:0", 102),
        ("escalation:7200:0:1", 103),
        ("escalation:7200:0:2", 104),
    ]


def test_after_an_outage_the_last_of_each_kind_stands_for_all() -> None:
    late = told(known(), NOW + 110 * HOUR, awake=110 * HOUR)
    assert late == [("reminder:3600", 110), ("escalation:0:0:0", 110), ("escalation:7200:0:8", 110)]


def test_a_pause_holds_everything_and_moves_what_follows() -> None:
    paused = replace(TERMS, paused=True, breach_at=None)
    assert rules.next_step(known(paused), NOW) is None
    moved = told(known(replace(TERMS, breach_at=DUE + 10 * HOUR)), NOW + 110 * HOUR)
    assert [hour for _, hour in moved] == [62, 109, 110]


def test_an_acknowledgement_ends_the_ladder_alone() -> None:
    keys = [key for key, _ in told(known(replace(TERMS, acknowledged=True)), NOW + 500 * HOUR)]
    assert keys == ["reminder:172800", "reminder:3600"]


def test_what_the_default_policy_gave_is_not_given_again() -> None:
    state = replace(known(replace(TERMS, reminder_seconds=(86_400,))), fired=(Fired(Alert.REMINDER, DUE),))
    assert told(state, NOW + 101 * HOUR) == [("escalation:0:0:0", 100)]


def test_repetitions_have_an_end_and_equal_steps_have_keys_of_their_own() -> None:
    often = replace(TERMS, reminder_seconds=(), ladder=(Rung(0, 300), Rung(0)))
    keys = [key for key, _ in told(known(often), NOW + 9_999 * HOUR)]
    assert len(keys) == MOST_REPETITIONS + 1
    assert "escalation:0:1:0" in keys


def test_a_reminder_asked_for_too_late_is_due_when_the_policy_is_known() -> None:
    step = rules.next_step(known(replace(TERMS, reminder_seconds=(30 * 86_400,), known_at=NOW - HOUR)), NOW)
    assert step is not None
    assert step.at == NOW


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(60, 400_000), max_size=5, unique=True),
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0, 1800, 7200])), max_size=4),
    st.sampled_from([None, HOUR, 7 * HOUR, 60 * HOUR]),
)
def test_nothing_is_told_twice_or_early(
    reminders: list[int], ladder: list[tuple[int, int]], awake: timedelta | None
) -> None:
    rungs = tuple(Rung(hours * 3600, repeat) for hours, repeat in ladder)
    found = told(known(replace(TERMS, reminder_seconds=tuple(reminders), ladder=rungs)), NOW + 130 * HOUR, awake)
    assert len({key for key, _ in found}) == len(found)
    assert all(hour >= 100 for key, hour in found if key.startswith("escalation"))
    if awake is None:
        assert len([key for key, _ in found if key.startswith("reminder")]) >= len(
            [one for one in reminders if one < 100 * 3600]
        )


class TestWhenTheOwnerIsAsked:
    def test_under_the_default_policy_never(self) -> None:
        state = rules.doubted(rules.applied(SlaState(), replace(CHANGE, policy=0)))
        assert not rules.needs_terms(state)

    def test_for_each_change_each_policy_and_each_doubt_once(self) -> None:
        state = known()
        assert not rules.needs_terms(state)
        assert rules.needs_terms(rules.applied(state, replace(CHANGE, version=2)))
        assert rules.needs_terms(rules.applied(state, replace(CHANGE, policy=2)))
        doubted = rules.doubted(state)
        assert rules.needs_terms(doubted)
        assert not rules.needs_terms(rules.learned(doubted, Reading(CHANGE, TERMS), doubts=1, now=NOW))

    def test_a_doubt_that_comes_while_the_owner_answers_stays(self) -> None:
        state = rules.learned(rules.doubted(rules.doubted(known())), Reading(CHANGE, TERMS), doubts=1, now=NOW)
        assert rules.needs_terms(state)

    def test_an_older_answer_changes_nothing_and_an_older_event_keeps_the_policy(self) -> None:
        newer = replace(TERMS, task_version=3)
        state = known(newer, replace(CHANGE, version=3))
        assert rules.learned(state, Reading(CHANGE, TERMS), doubts=0, now=NOW).terms == state.terms
        assert state.latest == rules.applied(state, replace(CHANGE, policy=0, version=2)).latest
        late = rules.applied(state, replace(CHANGE, version=4, policy=0)).latest
        assert late is not None
        assert late.policy == 1
