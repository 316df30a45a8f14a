"""A password that is given to a command: never as one of its words, which everyone on the machine can read."""

from __future__ import annotations

import getpass
import sys

from chatproto.admin.command import Refused


def new_password() -> str:
    """From whoever sits at the terminal, unseen and twice; or from a program. Raises `ValueError`, or `EOFError`."""
    if not sys.stdin.isatty():
        try:
            return sys.stdin.buffer.readline().rstrip(b"\r\n").decode()
        except UnicodeDecodeError:
            raise ValueError("a password is text in UTF-8") from None
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise ValueError("these were two different passwords")
    return password


def asked_password() -> str:
    """The same, for a command. Raises `Refused`."""
    try:
        return new_password()
    except ValueError as error:
        raise Refused(f"{error}.") from None
    except (EOFError, KeyboardInterrupt):
        sys.stderr.write("\n")  # After what it asked.
        raise Refused("no password was given.") from None
