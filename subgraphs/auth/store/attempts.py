"""Owns the counting of attempts in Redis, by account and by address, shared by all processes and atomic.

An attempt counts before its password is looked at and is taken back if it succeeds. Three limits hold at once: per pair
of account and address, per address, and per account. The last one spares addresses from which the account's owner has
logged in before, so that nobody can lock somebody else out.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis

from kit.clock import Clock
from subgraphs.auth import errors
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.store.faults import redis_faults

# KEYS: counters. ARGV: window in ms, then the limit of each counter. Counts on all of them and answers 0, or on none
# and answers how many ms to wait.
_COUNT = """
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[i + 1]) then
    return math.max(redis.call('PTTL', key), 1)
  end
end
for _, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[1]) end
end
return 0
"""

# KEYS: counters, each taken back by one; one that has run out meanwhile stays away.
_TAKE_BACK = """
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
end
return 0
"""

_KNOWN_ADDRESSES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLimits:
    """How many attempts are let through in their windows."""

    account: int = 50
    pair: int = 10
    address: int = 100
    registrations: int = 1000
    taken: int = 100
    mails: int = 5
    mails_address: int = 100
    invitations: int = 200
    window: timedelta = timedelta(minutes=15)
    registration_window: timedelta = timedelta(hours=1)
    invitation_window: timedelta = timedelta(hours=1)
    mail_window: timedelta = timedelta(hours=1)
    known_for: timedelta = timedelta(days=90)


class RedisAttempts:
    """Implements `service.ports.Attempts`."""

    def __init__(self, redis: Redis, limits: AttemptLimits, clock: Clock) -> None:
        self._redis = redis
        self._limits = limits
        self._clock = clock
        self._count_script = redis.register_script(_COUNT)
        self._take_back_script = redis.register_script(_TAKE_BACK)

    async def begin_login(self, account: str, address: str | None) -> None:
        with redis_faults():
            counters = await self._counters(_named(account), _place(address))
            await self._count(counters, self._limits.window)

    async def login_succeeded(self, account: str, address: str | None) -> None:
        name, place = _named(account), _place(address)
        with redis_faults():
            await self._take_back_script(keys=list(await self._counters(name, place)))
            if place:
                await self._remember(name, place)

    async def begin_registration(self, address: str | None) -> None:
        place = _place(address)
        if place:
            counters = {f"attempts:register:{place}": self._limits.registrations, _taken(place): self._limits.taken}
            with redis_faults():
                await self._count(counters, self._limits.registration_window)

    async def registration_succeeded(self, address: str | None) -> None:
        place = _place(address)
        if place:
            with redis_faults():
                await self._take_back_script(keys=[_taken(place)])

    async def begin_mail(self, email: str, address: str | None) -> None:
        counters = {f"attempts:mail:{_named(email)}": self._limits.mails}
        place = _place(address)
        if place:
            counters[f"attempts:mails:{place}"] = self._limits.mails_address
        with redis_faults():
            await self._count(counters, self._limits.mail_window)

    async def begin_invitation(self, inviter: UserId) -> None:
        counters = {f"attempts:invite:{inviter}": self._limits.invitations}
        with redis_faults():
            await self._count(counters, self._limits.invitation_window)

    async def _counters(self, name: str, place: str) -> dict[str, int]:
        """The counters of an attempt and their limits."""
        known = bool(place) and await self._redis.zscore(_known(name), place) is not None
        counters = {} if known else {f"attempts:account:{name}": self._limits.account}
        if place:
            counters[_pair(name, place)] = self._limits.pair
            counters[f"attempts:address:{place}"] = self._limits.address
        return counters

    async def _count(self, counters: Mapping[str, int], window: timedelta) -> None:
        wait = await self._count_script(keys=list(counters), args=[_ms(window), *counters.values()])
        if wait > 0:
            raise errors.too_many_attempts(timedelta(milliseconds=wait))

    async def _remember(self, name: str, place: str) -> None:
        async with self._redis.pipeline(transaction=True) as batch:
            batch.delete(_pair(name, place))
            batch.zadd(_known(name), {place: self._clock.now().timestamp()})
            batch.zremrangebyrank(_known(name), 0, -_KNOWN_ADDRESSES - 1)
            batch.pexpire(_known(name), _ms(self._limits.known_for))
            await batch.execute()


def _named(account: str) -> str:
    """An account in a key: no address of a person stands in Redis."""
    return hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _known(name: str) -> str:
    return f"attempts:known:{name}"


def _taken(place: str) -> str:
    return f"attempts:taken:{place}"


def _pair(name: str, place: str) -> str:
    return f"attempts:pair:{name}:{place}"


def _place(address: str | None) -> str:
    """What counts as one address: a whole /64 of IPv6, which one household holds. Empty when there is none."""
    if not address:
        return ""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if known.version == 4:
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False).network_address)


def _ms(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)
