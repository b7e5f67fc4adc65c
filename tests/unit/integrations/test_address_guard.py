"""Nothing internal is reached, whatever a name, a redirection or an encoding makes of it."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address, ip_network
from typing import Any

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.address_guard import (
    AddressGuard,
    AddressRefused,
    GuardedBackend,
    is_public,
)
from lessons.errors import InvalidInput

INTERNAL = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/127",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "100::/64",
    "2001:db8::/32",
    "2002:7f00:1::/48",
    "2002:a00:1::/48",
    "2002:c0a8:1::/48",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
]
"""The networks of IANA's special-purpose registries, and ways to write them in IPv6."""


@given(st.data())
@pytest.mark.parametrize("network", INTERNAL)
def test_no_address_of_an_internal_network_is_public(network: str, data: Any) -> None:
    parsed = ip_network(network)
    number = data.draw(st.integers(0, parsed.num_addresses - 1))
    assert not is_public(parsed[number])


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "2002:101:101::"]
)
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "::1", "0"]
)
async def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        await AddressGuard().resolve(host, 443)
    assert refused.value.field == "url"


async def test_a_name_with_one_internal_address_among_others_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer_with(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
        await AddressGuard().resolve("platform.example", 443)


async def test_the_operator_may_vouch_for_a_network() -> None:
    guard = AddressGuard(["127.0.0.0/8"])
    assert await guard.resolve("127.0.0.1", 80) == [ip_address("127.0.0.1")]
    with pytest.raises(AddressRefused):
        await guard.resolve("10.0.0.1", 80)
    with pytest.raises(InvalidInput, match="LECTERN_WEBHOOK_ALLOWED_NETWORKS"):
        AddressGuard(["10.0.0.1/8"])


async def test_a_name_that_changes_its_mind_is_connected_to_as_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the second answer names an internal server, which must see nobody."""
    reached = asyncio.Event()

    async def internal(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        writer.close()

    server = await asyncio.start_server(internal, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    asked = answer_with(monkeypatch, ["192.0.2.1"], ["127.0.0.1"])
    guard = AddressGuard(["192.0.2.0/24"])  # vouched for, and nobody answers there
    with pytest.raises((httpcore.ConnectError, httpcore.ConnectTimeout)):
        await GuardedBackend(guard).connect_tcp("rebinding.example", port, timeout=0.2)
    assert asked == ["rebinding.example"], "the name is looked up once"
    with pytest.raises(AddressRefused):
        await GuardedBackend(guard).connect_tcp("rebinding.example", port, timeout=0.2)
    assert not reached.is_set()
    server.close()


def answer_with(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names mean the answers, one look-up after the other; the last one stays."""
    asked: list[str] = []
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def getaddrinfo(host: Any, port: Any, **options: Any) -> list[Any]:
        if not str(host).endswith(".example"):
            return await real(host, port, **options)
        addresses = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (item, port)) for item in addresses]

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    return asked
