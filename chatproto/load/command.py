"""The command line of `chat-load`."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one scenario and show what it came to. Returns the exit status; see `verdict.py`."""
    try:
        from chatproto.load import session  # noqa: PLC0415  # Says what to install, where a library is missing.
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("chatproto"):
            raise
        library = str(error.name).partition(".")[0]
        print(f"chat-load: {library} is missing: pip install 'chatproto[load]'", file=sys.stderr)  # noqa: T201
        return 3
    return session.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
