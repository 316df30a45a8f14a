"""Logging in by SASL (RFC 4422), without I/O: messages in, challenges and at last an account out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from zope.interface import implementer

from chatproto.account import EXTERNAL, LONGEST_RESPONSE, PLAIN, SCRAM, Account
from chatproto.accounts.login import Claim, Logins, must_be_private
from chatproto.accounts.scram import BadMessage, ServerSide, WrongProof
from chatproto.errors import Garbled, UnknownMechanism, WrongLogin
from chatproto.interfaces import IExchange, Peer

Step = Callable[[str], Awaitable[bytes | Account]]


def mechanisms(logins: Logins, peer: Peer, fingerprint: str) -> tuple[str, ...]:
    """Those that this peer can use. `fingerprint` is that of its certificate, or empty."""
    possible = {EXTERNAL: bool(fingerprint), SCRAM: True, PLAIN: peer.secure or peer.local}
    return tuple(each for each in logins.mechanisms if possible[each])


def begin(logins: Logins, mechanism: str, peer: Peer, fingerprint: str) -> Exchange:
    """One try to log in. Raises `UnknownMechanism`, or `NotEncrypted` for PLAIN where others may read it."""
    wanted = mechanism.upper()  # RFC 4422, 3.1, has them in upper case; clients let people type them.
    if wanted == PLAIN:
        must_be_private(peer)
    known = mechanisms(logins, peer, fingerprint)
    if wanted not in known:
        raise UnknownMechanism(known)
    if wanted == EXTERNAL:
        return External(logins, peer, fingerprint)
    return Plain(logins, peer) if wanted == PLAIN else Scram(logins, peer)


@implementer(IExchange)
class Exchange(ABC):
    """What all mechanisms have in common: one message is expected at a time, and none when it is over."""

    mechanism: str

    def __init__(self, logins: Logins, peer: Peer) -> None:
        self.logins = logins
        self.peer = peer
        self.step: Step = self.first

    async def respond(self, response: bytes) -> bytes | Account:
        """See `IExchange.respond`."""
        step, self.step = self.step, self._over
        if len(response) > LONGEST_RESPONSE:
            raise Garbled(self.mechanism)
        try:
            text = response.decode()
        except UnicodeDecodeError:
            raise Garbled(self.mechanism) from None
        return await step(text)

    @abstractmethod
    async def first(self, response: str) -> bytes | Account:
        """The first message."""

    async def _over(self, response: str) -> bytes | Account:
        raise Garbled(self.mechanism)


class Plain(Exchange):
    """RFC 4616: whom to act as, who one is, and the password."""

    mechanism = PLAIN

    async def first(self, response: str) -> Account:
        """The only message. Acting as somebody else is not possible."""
        acting, *rest = response.split("\0")
        if len(rest) != 2:
            raise Garbled(PLAIN)
        name, password = rest
        if acting and self.logins.key_of(acting) != self.logins.key_of(name):
            raise WrongLogin
        return await self.logins.by_password(name, password, self.peer)


class External(Exchange):
    """RFC 4422, appendix A: the certificate says it all; the message may name whom to act as."""

    mechanism = EXTERNAL

    def __init__(self, logins: Logins, peer: Peer, fingerprint: str) -> None:
        super().__init__(logins, peer)
        self._fingerprint = fingerprint

    async def first(self, response: str) -> Account:
        """The only message."""
        return await self.logins.by_certificate(self._fingerprint, response, self.peer)


class Scram(Exchange):
    """RFC 5802 and 7677: both sides prove that they know the password, and it is never sent."""

    mechanism = SCRAM

    def __init__(self, logins: Logins, peer: Peer, nonce: str | None = None) -> None:
        super().__init__(logins, peer)
        self._server = ServerSide(nonce)

    async def first(self, response: str) -> bytes:
        """Who it is. The answer is salt and iterations, whether there is such an account or not."""
        try:
            claim = await self.logins.claim(self._server.user(response), self.peer)
            challenge = self._server.first(response, claim.keys)
        except BadMessage:
            raise Garbled(SCRAM) from None
        self.step = lambda proof: self._proof(proof, claim)
        return challenge.encode()

    async def _proof(self, response: str, claim: Claim) -> bytes:
        """The proof. The answer is ours, so nobody gets it who is not let in."""
        try:
            proof = self._server.final(response)
        except BadMessage:
            raise Garbled(SCRAM) from None
        except WrongProof:
            raise WrongLogin from None
        await self.logins.proved(claim)
        self.step = lambda response: self._end(response, claim)
        return proof.encode()

    async def _end(self, response: str, claim: Claim) -> Account:
        """The client has seen it. That may be days later, so the claim is looked at once more."""
        if response:
            raise Garbled(SCRAM)
        return await self.logins.proved(claim)
