"""TLS without I/O: what a peer sent goes in, what it said comes out; and what is said to it comes out encrypted.

pyOpenSSL's own methods cost several times what OpenSSL does for a short line: each makes a buffer for its answer, and
looks for errors that there are not. `DirectRecords` calls the functions below them, which are not public; where they
are not as expected, `Records` does the same in public. See docs/performance.md.
"""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL

RECORD = 16_384
"""Most bytes that are said in one record (RFC 8446, 5.1)."""

SMALL = 2048
"""Bytes up to which it does not matter that OpenSSL keeps the memory that they were in once."""


class Ended(Exception):
    """The peer has ended TLS properly: it says nothing more."""


class Broken(Exception):
    """TLS cannot go on, by whose fault ever; `str(error)` says why."""


class Records:
    """The server's side of one TLS connection, over memory. Nothing here blocks. Once `Broken` or `Ended` was raised
    there is no use but of `to_send`, and after `Ended` of `encrypt` and `close`."""

    __slots__ = ("connection",)

    def __init__(self, connection: SSL.Connection) -> None:
        self.connection = connection
        connection.set_accept_state()

    def feed(self, data: bytes) -> None:
        """Take in what was received."""
        self.connection.bio_write(data)

    def shake_hands(self) -> bool:
        """Go on with the handshake; whether it is done. There may be something `to_send` then. Raises `Broken`."""
        try:
            self.connection.do_handshake()
        except SSL.WantReadError:
            return False
        except SSL.Error as error:
            raise Broken(_why(error)) from None
        return True

    def decrypt(self) -> bytes:
        """What the peer said in the next record; nothing if none is there as a whole. Raises `Ended` and `Broken`."""
        try:
            return self.connection.recv(RECORD)
        except SSL.WantReadError:
            return b""
        except SSL.ZeroReturnError:
            raise Ended from None
        except SSL.Error as error:
            raise Broken(_why(error)) from None

    def encrypt(self, data: bytes) -> bytes:
        """The records that say `data`, and before them all that is `to_send`. Raises `Broken`."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self.connection.send(rest) :]  # One record.
        except SSL.Error as error:
            raise Broken(_why(error)) from None
        return self.to_send()

    def to_send(self) -> bytes:
        """What OpenSSL has to say for itself: its side of a handshake, an alert, an answer."""
        said = bytearray()
        try:
            while True:
                said += self.connection.bio_read(4 * RECORD)
        except SSL.WantReadError:
            return bytes(said)

    def close(self) -> bytes:
        """What tells the peer that we say nothing more."""
        try:
            self.connection.shutdown()
        except SSL.Error:  # It is broken already.
            return b""
        return self.to_send()


def _why(error: SSL.Error) -> str:
    """OpenSSL's errors, each of which has library, function and reason; or what pyOpenSSL has to say."""
    found = error.args[0] if error.args else ()
    if isinstance(found, list) and found:
        return ", ".join(str(reason) for *_, reason in found)
    return str(error) or type(error).__name__


try:
    from OpenSSL._util import ffi, lib

    _BUFFER = ffi.new("char[]", 8 * RECORD)
    _SIZE = len(_BUFFER)
    _NULL = ffi.NULL
    _read = ffi.buffer(_BUFFER)
    _bio_length, _bio_read, _bio_write = lib.BIO_get_mem_data, lib.BIO_read, lib.BIO_write
    _ssl_read, _ssl_write, _clear_mode = lib.SSL_read, lib.SSL_write, lib.SSL_clear_mode
    _new_buffer, _memory, _set_buffers = lib.BIO_new, lib.BIO_s_mem(), lib.SSL_set_bio
    _PARTIAL_WRITE: int = lib.SSL_MODE_ENABLE_PARTIAL_WRITE
    _there = True
except (ImportError, AttributeError):  # pragma: no cover
    _there = False


class DirectRecords(Records):
    """The same with OpenSSL called directly: for the reactor's thread alone, as all connections share one buffer. What
    does not simply succeed is done again in public, which finds out why.

    Raises `AttributeError` and `TypeError` when made, if pyOpenSSL is not as expected.
    """

    __slots__ = ("_from_ssl", "_grown", "_into_ssl", "_ssl")

    def __init__(self, connection: SSL.Connection) -> None:
        super().__init__(connection)
        inside: Any = connection
        self._ssl, self._into_ssl, self._from_ssl = inside._ssl, inside._into_ssl, inside._from_ssl  # noqa: SLF001
        self._grown = False
        """OpenSSL's buffers have grown."""
        _clear_mode(self._ssl, _PARTIAL_WRITE)  # One call writes everything.

    def feed(self, data: bytes) -> None:
        """See `Records`."""
        _bio_write(self._into_ssl, data, len(data))
        if len(data) > SMALL:
            self._grown = True

    def shake_hands(self) -> bool:
        """See `Records`."""
        done = super().shake_hands()
        self._grown = self._grown or done  # By certificates.
        return done

    def decrypt(self) -> bytes:
        """See `Records`. OpenSSL takes no more than it needs for one record, so that what was not fed is not there."""
        if not _bio_length(self._into_ssl, _NULL):
            return b""
        length = _ssl_read(self._ssl, _BUFFER, _SIZE)
        return _read[:length] if length > 0 else super().decrypt()

    def encrypt(self, data: bytes) -> bytes:
        """See `Records`."""
        if _ssl_write(self._ssl, data, len(data)) <= 0:
            return super().encrypt(data)
        return self.to_send()

    def to_send(self) -> bytes:
        """See `Records`."""
        length = _bio_read(self._from_ssl, _BUFFER, _SIZE)
        if length > SMALL or self._grown:
            return self._read_all(length)
        return _read[:length] if length > 0 else b""

    def _read_all(self, length: int) -> bytes:
        """All there is to send, of which so much has been read. Afterwards the buffers are small again."""
        read = b""
        while length > 0:
            read += _read[:length]
            length = _bio_read(self._from_ssl, _BUFFER, _SIZE)
        self._grown = bool(_bio_length(self._into_ssl, _NULL))
        if not self._grown:
            self._renew()
        return read

    def _renew(self) -> None:
        """Have new buffers, as the old ones are empty. They never shrink by themselves."""
        inside: Any = self.connection
        inside._into_ssl = self._into_ssl = _new_buffer(_memory)  # noqa: SLF001  # For its own methods.
        inside._from_ssl = self._from_ssl = _new_buffer(_memory)  # noqa: SLF001
        _set_buffers(self._ssl, self._into_ssl, self._from_ssl)  # It frees the old ones.


def _fastest() -> type[Records]:
    """Whatever works, tried on a connection to nowhere."""
    try:
        if _there and not DirectRecords(SSL.Connection(SSL.Context(SSL.TLS_SERVER_METHOD), None)).to_send():
            return DirectRecords
    except (AttributeError, TypeError):
        pass
    return Records


records_of = _fastest()
"""Makes the records of a connection, in the fastest way that is there."""
