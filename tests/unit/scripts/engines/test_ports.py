"""Ports are free, distinct, kept while free, and outside the range of outgoing connections."""

import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.engines.ports import HIGHEST, LOWEST, PortClaims, choose, free_port, is_free, is_open


def listening() -> socket.socket:
    server = socket.create_server(("127.0.0.1", free_port()))
    server.listen()
    return server


@given(st.lists(st.text(min_size=1), unique=True, max_size=8))
def test_every_name_gets_a_port_of_its_own(names: list[str]) -> None:
    chosen = choose(names, {})
    assert list(chosen) == names
    assert len(set(chosen.values())) == len(names)
    assert all(LOWEST <= port <= HIGHEST for port in chosen.values())


def test_a_remembered_port_is_kept_while_it_is_free() -> None:
    port = free_port()
    assert choose(["sql"], {"sql": port}) == {"sql": port}


def test_a_remembered_port_that_is_taken_is_replaced() -> None:
    with listening() as server:
        taken = server.getsockname()[1]
        assert not is_free(taken)
        assert is_open(taken)
        assert choose(["sql"], {"sql": taken})["sql"] != taken


def test_two_names_that_remember_the_same_port_are_parted() -> None:
    port = free_port()
    chosen = choose(["a", "b"], {"a": port, "b": port})
    assert chosen["a"] == port
    assert chosen["b"] != port


@pytest.mark.skipif(sys.platform != "linux", reason="claims need the abstract socket namespace")
def test_a_port_that_another_start_has_chosen_is_left_to_it_although_nobody_listens_yet() -> None:
    port = free_port()
    first, second = PortClaims(), PortClaims()
    assert choose(["web"], {"web": port}, first.take) == {"web": port}
    other = choose(["web"], {"web": port}, second.take)["web"]
    assert other != port
    first.release()
    assert choose(["web"], {"web": port}, second.take) == {"web": port}
    second.release()


def test_outgoing_connections_never_take_our_ports() -> None:
    file = Path("/proc/sys/net/ipv4/ip_local_port_range")
    lowest_outgoing = int(file.read_text().split()[0]) if file.exists() else 32_768
    assert lowest_outgoing > HIGHEST
