"""What is refused about accounts, and about logging in to them."""

from __future__ import annotations

from chatproto.errors.error import ChatError, quoted


class WrongLogin(ChatError):
    """Nobody is let in: there is no such account, the password or proof is wrong, or it is suspended. One may not find
    out which."""

    def __init__(self) -> None:
        super().__init__("There is no such account, or that is not its password (or certificate).")


class TooManyAttempts(ChatError):
    """Too much was tried, from that address or with that account; `seconds` until it may be tried again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"That was tried too often. Try again in {seconds} seconds.")
        self.seconds = seconds


class NotEncrypted(ChatError):
    """A password that came, or would come, over a connection that others may read."""

    def __init__(self) -> None:
        why = "Passwords are taken over TLS only: others may read this connection. Connect by TLS"
        super().__init__(f"{why}, and change a password that you sent here.")


class UnknownMechanism(ChatError):
    """A SASL mechanism that is not there for this peer; `mechanisms` are those that are."""

    def __init__(self, mechanisms: tuple[str, ...]) -> None:
        known = f"there are: {', '.join(mechanisms)}" if mechanisms else "there are none"
        super().__init__(f"That is no way to log in here; {known}.")
        self.mechanisms = mechanisms


class Garbled(ChatError):
    """What was sent to log in by SASL is no message of its mechanism, or too long."""

    def __init__(self, mechanism: str) -> None:
        super().__init__(f"That is no message of {mechanism}.")
        self.mechanism = mechanism


class AccountExists(ChatError):
    """A name that is somebody's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is registered already. Log in if it is yours, or choose another name.")
        self.name = name


class NoSuchAccount(ChatError):
    """An account that is not there; for operators, and owners whose account was removed meanwhile."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no account {quoted(name)}.")
        self.name = name


class BadPassword(ChatError):
    """A password that no account may have: too short (`weak`), too long, or with something in it that cannot be typed
    again."""

    def __init__(self, why: str, *, weak: bool = False) -> None:
        super().__init__(f"That password cannot be used: {why}.")
        self.weak = weak


class CertificateTaken(ChatError):
    """A certificate that lets somebody in to another account."""

    def __init__(self) -> None:
        super().__init__("That certificate belongs to another account.")


class TooManyCertificates(ChatError):
    """An account has as many certificates as is allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"An account has {limit} certificates at most. Take one off first.")
        self.limit = limit


class NoAccounts(ChatError):
    """Accounts are not made or changed here."""

    def __init__(self, why: str = "Accounts are not made or changed here.") -> None:
        super().__init__(why)


class RegistrationClosed(NoAccounts):
    """People may not make accounts for themselves."""

    def __init__(self) -> None:
        super().__init__("New accounts are made by operators only. Ask one of them.")


class Unavailable(ChatError):
    """What keeps something fails at the moment."""

    def __init__(self) -> None:
        super().__init__("That cannot be looked up or kept at the moment. Try again a little later.")


class TakesTooLong(Unavailable):
    """What was asked for is there, but would keep the store busy for too long."""

    def __init__(self) -> None:
        ChatError.__init__(self, "That takes too long to find. Ask for rarer words, fewer rooms or a shorter time.")


class TooManySearches(Unavailable):
    """Others wait for what they seek, and no more can."""

    def __init__(self) -> None:
        ChatError.__init__(self, "Too many search at the moment. Try again in a few seconds.")
