"""What the first bytes of a connection tell of what it speaks.

Each function takes all bytes so far, and says True, False, or None as long as it cannot know. Once it has said True or
False, no further bytes change that.
"""

from __future__ import annotations

import re

PLAIN, IRC, TLS = "plain", "irc", "tls"
"""What a listener can take, by the names that the settings have for it."""

MOST_KEPT = 9216
"""Bytes after which no first line is waited for any more. The longest one that can still become IRC has 8191 bytes of
tags (IRCv3 message-tags), a source and a verb."""

OPENING = frozenset(b"AUTHENTICATE CAP NICK PASS PING PONG PROTOCTL QUIT SERVER STARTTLS USER WEBIRC".split())
"""What IRC clients and servers begin with, in any case."""

VERBS = OPENING | frozenset(
    b"ACCEPT ADMIN AWAY BATCH CHANSERV CHATHISTORY CHGHOST CS DEOPER ERROR EXTJWT HELP HELPOP HISTSERV HS INFO INVITE"
    b" ISON ISUPPORT JOIN KICK KILL KNOCK LINKS LIST LUSERS MAP MARKREAD METADATA MODE MONITOR MOTD NAMES NICKSERV"
    b" NOTICE NPC NPCA NS OPER PART PRIVMSG REDACT REGISTER REHASH RELAYMSG RENAME SAJOIN SAMODE SCENE SEARCH SETNAME"
    b" SILENCE STATS SUMMON TAGMSG TIME TOPIC UNINVITE USERHOST USERIP USERS VERIFY VERSION WALLOPS WATCH WHO WHOIS"
    b" WHOWAS".split()
)
"""What may come first by mistake; in capitals only, for people who are asked for a name may answer `help me`. CONNECT
and TRACE are left to HTTP."""

_BEGUN = frozenset(verb[:length] for verb in VERBS for length in range(1, len(verb) + 1))
_OPENING_BEGUN = frozenset(verb[:length] for verb in OPENING for length in range(1, len(verb) + 1))
_LINE_END = re.compile(rb"[\r\n]")


def tls(data: bytes) -> bool | None:
    """A handshake record of TLS, version 3.x: how every ClientHello begins (RFC 8446, 5.1)."""
    return True if data.startswith(b"\x16\x03") else None if data in (b"", b"\x16") else False


def irc(data: bytes) -> bool | None:
    """A line of IRC (RFC 1459, IRCv3 message-tags): `@tags` and `:source` or not, and a verb in capitals; or
    in any case, if clients begin with it and something comes behind it, for a person could be called Nick. Blank lines
    before it do not count."""
    line, end = _first_line(data)
    for prefix in (b"@", b":"):
        if line.startswith(prefix):
            _, space, line = line.partition(b" ")
            if not space:
                return False if end else None
            line = line.lstrip(b" ")
    verb, space, rest = line.partition(b" ")
    if not end and not space:
        return None if not verb or verb in _BEGUN or verb.upper() in _OPENING_BEGUN else False
    if verb in VERBS or verb.upper() not in OPENING:
        return verb in VERBS
    return True if rest.strip(b" ") else False if end else None


_LATE = frozenset((b"CAP", b"NICK", b"PASS", b"USER"))
_LATE_BEGUN = frozenset(verb[:length] for verb in _LATE for length in range(1, len(verb) + 1))
_LATE_LINE = re.compile(
    rb"(?i:CAP) +(?i:LS|LIST|REQ|END)(?: .*)?|(?i:USER)(?: +[^ :]\S*){3} +\S.*|(?:NICK|PASS) +(?::.+|\S+) *"
)


def irc_after_greeting(data: bytes) -> bool | None:
    """The same where a person has been asked for a name, and may answer anything: only what clients really open with is
    IRC. That is CAP and its subcommand, and USER with its four parameters; NICK and PASS, with one, in capitals only,
    for a person may type `nick ada`."""
    line, end = _first_line(data)
    if end:
        return _LATE_LINE.fullmatch(line) is not None
    verb, space, _ = line.partition(b" ")
    return None if not verb or verb.upper() in (_LATE if space else _LATE_BEGUN) else False


def _first_line(data: bytes) -> tuple[bytes, bool]:
    """The first line that is not blank, as far as it has come, and whether it has ended: a lone CR is an end too."""
    text = data.lstrip(b"\r\n")
    end = _LINE_END.search(text)
    return (text, False) if end is None else (text[: end.start()], True)
