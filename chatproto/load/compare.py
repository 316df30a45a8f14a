"""`python -m chatproto.load.compare`: results that `chat-load --json` has kept, side by side on one page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chatproto.load.results import Result

LARGEST = 64 * 1024 * 1024
"""Bytes of a file of results; those of the longest run have some two million."""


class Unreadable(Exception):
    """A file that holds no result; says why, in a sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, or 3 if a file could not be read or written. Exits with 2 if the
    arguments are wrong."""
    parser = argparse.ArgumentParser(prog="python -m chatproto.load.compare", description=__doc__)
    parser.add_argument("results", nargs="+", type=_named, metavar="NAME=FILE", help="a file that --json has written")
    parser.add_argument("page", type=Path, metavar="PAGE.html", help="what is to be written")
    options = parser.parse_args(arguments)
    try:
        from chatproto.load import report  # noqa: PLC0415  # It needs what is not always installed, and says so.

        report.compare({name: read(path) for name, path in options.results}, options.page)
    except (ImportError, Unreadable) as error:
        sys.stderr.write(f"{error}\n")
    except OSError as error:
        sys.stderr.write(f"{options.page} cannot be written: {error.strerror}.\n")
    else:
        return 0
    return 3


def read(path: Path) -> Result:
    """The result in a file that `chat-load --json` has written. Raises `Unreadable`, and `ImportError` if a library is
    missing."""
    from msgspec import DecodeError, json  # noqa: PLC0415  # As above.

    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise Unreadable(f"{path} is larger than {LARGEST} bytes.")
    try:
        return json.decode(data, type=Result)
    except (DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} is not what --json writes: {error}.") from None


def _named(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return name, Path(path)


if __name__ == "__main__":
    sys.exit(main())
