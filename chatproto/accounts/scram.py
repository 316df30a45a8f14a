"""SCRAM-SHA-256 (RFC 5802, RFC 7677) by the library scramp: what is kept of a password, and the server's side."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import NamedTuple

from scramp import ScramException, ScramMechanism
from scramp.utils import ServerError, saslprep

from chatproto.account import SCRAM

SALT_BYTES = 32
"""Of the salts that scramp makes; what pretends to be one must have as many."""

_MECHANISM = ScramMechanism(SCRAM)


class WrongProof(Exception):
    """The client does not know the password."""


class BadMessage(Exception):
    """The client sent what is no message of SCRAM, or none that fits to those before."""


class Keys(NamedTuple):
    """What a server keeps of a password: enough to check that somebody knows it, not to log in elsewhere with it."""

    salt: bytes
    stored_key: bytes
    server_key: bytes
    iterations: int

    def encoded(self) -> str:
        """As `Account.scram` has it."""
        salt, stored, server = (b64encode(each).decode() for each in self[:3])
        return f"{SCRAM}${self.iterations}:{salt}${stored}:{server}"


def keys(password: str, iterations: int, least: int) -> Keys | None:
    """The keys of a password, with a new salt. None for one that SCRAM cannot have: RFC 4013 forbids characters in it
    that Unicode 3.2 did not know, or what it leaves of it has less than `least` bytes. Blocks for as long as a few
    thousand iterations take: 65,536 need 35 ms."""
    try:
        if len(saslprep(password).encode()) < least:  # It drops some characters: of zero-width ones nothing remains.
            return None
        return Keys(*_MECHANISM.make_auth_info(password, iterations))
    except ScramException:
        return None


def decoded(text: str) -> Keys | None:
    """Keys from their encoded form; None if it is another one, or empty."""
    try:
        name, costs, both = text.split("$")
        (iterations, salt), (stored, server) = costs.split(":"), both.split(":")
        salt_bytes, stored_key, server_key = (b64decode(each, validate=True) for each in (salt, stored, server))
        return Keys(salt_bytes, stored_key, server_key, int(iterations)) if name == SCRAM else None
    except ValueError:
        return None


class ServerSide:
    """The server's side of one exchange."""

    def __init__(self, nonce: str | None = None) -> None:
        self._keys: Keys | None = None
        self._server = _MECHANISM.make_server(lambda _: self._keys and tuple(self._keys), s_nonce=nonce)

    @staticmethod
    def user(client_first: str) -> str:
        """Whom the client's first message names. Raises `BadMessage`."""
        named: list[str] = []

        def remember(name: str) -> tuple[bytes, bytes, bytes, int]:
            named.append(name)
            return bytes(SALT_BYTES), b"", b"", int(_MECHANISM.iteration_count)

        try:
            _MECHANISM.make_server(remember).set_client_first(client_first)
        except ScramException as error:
            raise BadMessage from error
        return named[0]

    def first(self, client_first: str, known: Keys) -> str:
        """The answer to the client's first message: salt, iterations, and a nonce. Raises `BadMessage`."""
        self._keys = known
        try:
            self._server.set_client_first(client_first)
            return str(self._server.get_server_first())
        except ScramException as error:
            raise BadMessage from error

    def final(self, client_final: str) -> str:
        """The answer to its last message, which proves that we know the keys. Raises `WrongProof` or `BadMessage`."""
        try:
            self._server.set_client_final(client_final)
            return str(self._server.get_server_final())
        except ScramException as error:
            raise WrongProof if error.server_error is ServerError.INVALID_PROOF else BadMessage from error
