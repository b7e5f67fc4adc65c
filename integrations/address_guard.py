"""Keeps requests away from internal addresses: a name is looked up once, checked, connected to.

Whoever may name a URL must not reach what only this machine reaches (server-side request forgery).
The check is where connections are made, so it holds for every one of them, whatever a name meant
when the URL was given or means a moment later (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore

from lessons.errors import InvalidInput

Address = IPv4Address | IPv6Address

_ALSO_SPECIAL = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20", "5f00::/16"))
)
"""Special-purpose networks that `ipaddress` knows only in part, or only in newer Pythons."""


class AddressRefused(InvalidInput):
    """The host is not one that may be reached."""

    code = "address_refused"


class AddressGuard:
    """Tells which addresses are for everybody.

    Args:
        allowed_networks: internal networks that may be reached all the same, such as
            `10.20.0.0/16`; the operator vouches for them.

    Raises:
        InvalidInput: a network is malformed.
    """

    def __init__(self, allowed_networks: Iterable[str] = ()) -> None:
        try:
            self._allowed = [ip_network(network) for network in allowed_networks]
        except ValueError as error:
            raise InvalidInput(
                f"{error}.", field="LECTERN_WEBHOOK_ALLOWED_NETWORKS", fix="Write 10.20.0.0/16."
            ) from error

    def allows(self, address: Address) -> bool:
        """Tell whether a request may go to this address."""
        return is_public(address) or self.is_vouched_for(address)

    def is_vouched_for(self, address: Address) -> bool:
        """Tell whether the operator allowed the network that the address is in."""
        return any(_within(address, network) for network in self._allowed)

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Return the addresses of a host, all of them allowed.

        Raises:
            AddressRefused: the host has no address, or one that is internal.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise AddressRefused(f"The host {host!r} has no address.", field="url") from error
        addresses = [ip_address(entry[4][0]) for entry in found]
        for address in addresses:
            if not self.allows(address):
                raise AddressRefused(
                    f"The host {host!r} has the internal address {address}.",
                    field="url",
                    fix="Give a host that is reachable from the internet.",
                )
        return addresses


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the internet's (IANA special-purpose registries)."""
    if isinstance(address, IPv6Address) and address.sixtofour is not None:
        return is_public(address.sixtofour)
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    if special or not address.is_global:
        return False
    return not any(_within(address, network) for network in _ALSO_SPECIAL)


def _within(address: Address, network: IPv4Network | IPv6Network) -> bool:
    return address.version == network.version and address in network


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections only to addresses that a guard allows, and to exactly those."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers."""
        addresses = await self._guard.resolve(host, port)
        for address in addresses[:-1]:
            try:
                return await self._connect(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._connect(addresses[-1], port, timeout, local_address, socket_options)

    async def _connect(
        self,
        address: Address,
        port: int,
        timeout: float | None,  # noqa: ASYNC109
        local_address: str | None,
        socket_options: Iterable[Any] | None,
    ) -> httpcore.AsyncNetworkStream:
        return await self._sockets.connect_tcp(
            str(address), port, timeout, local_address, socket_options
        )

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._sockets.sleep(seconds)
