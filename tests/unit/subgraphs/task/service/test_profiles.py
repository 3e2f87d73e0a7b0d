"""The replica of profiles, and the owner behind it."""

from kit.ids import new_id
from tests.unit.subgraphs.task.samples import a_profile
from tests.unit.subgraphs.task.world import World


async def test_the_owner_is_asked_once_about_somebody_the_replica_lacks() -> None:
    world, ada = World(), a_profile()
    world.directory.profiles[ada.id] = ada
    assert await world.services.profiles.find([ada.id]) == {ada.id: ada}
    assert await world.services.profiles.find([ada.id]) == {ada.id: ada}
    assert world.directory.asked == [ada.id]


async def test_an_owner_that_is_away_costs_only_the_name() -> None:
    world, known = World(), a_profile()
    await world.services.profiles.apply(new_id(), known)
    world.directory.away = True
    assert await world.services.profiles.find([known.id, new_id()]) == {known.id: known}


async def test_an_event_applies_once_and_an_older_one_is_a_recorded_no_op() -> None:
    world, newer = World(), a_profile(version=2, name="Ada Lovelace")
    event_id, late = new_id(), new_id()
    assert await world.services.profiles.apply(event_id, newer)
    assert not await world.services.profiles.apply(event_id, newer)
    assert not await world.services.profiles.apply(late, a_profile(newer.id, version=1))
    assert world.store.state.profiles == {newer.id: newer}
    assert world.store.state.inbox == {event_id: True, late: False}
