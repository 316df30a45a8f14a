"""What this server tells clients of itself in 005 (RPL_ISUPPORT)."""

from __future__ import annotations

from chatproto.dialects.irc.letters import CHANNEL_MODES, PREFIXES
from chatproto.dialects.irc.settings import IrcSettings
from chatproto.modes import Listing, UserMode
from chatproto.rooms.limits import RoomLimits

TOKENS_IN_A_LINE = 13
"""As many fit beside the server, the nick and the text in 15 parameters."""

TARGETED = ("NAMES", "LIST", "KICK", "WHOIS", "PRIVMSG", "NOTICE", "TAGMSG", "JOIN", "PART", "MONITOR", "WHOWAS")
"""Verbs whose targets are bounded otherwise than by the line, or not at all (TARGMAX)."""


def tokens(settings: IrcSettings, limits: RoomLimits) -> tuple[str, ...]:
    """All tokens, sorted by name."""
    letters = "".join(letter for letter, _ in PREFIXES.values())
    prefixes = "".join(prefix for _, prefix in PREFIXES.values())
    limited = {"WHOIS": 1, **dict.fromkeys(("PRIVMSG", "NOTICE", "TAGMSG"), settings.targets)}
    found = {
        "ACCOUNTEXTBAN": "a",
        "AWAYLEN": settings.away_length,
        "BOT": UserMode.BOT.value,
        "CASEMAPPING": "ascii",  # What clients can do of RFC 8265: many take a word they do not know for rfc1459.
        "CHANLIMIT": f"#:{limits.rooms_per_person}",
        "CHANMODES": CHANNEL_MODES,
        "CHANNELLEN": limits.room_name_length,
        "CHANTYPES": "#",
        "CHATHISTORY": settings.history_read,
        "ELIST": "CMNTU",
        "EXCEPTS": Listing.EXCEPTION.value,
        "EXTBAN": ",am",
        "HOSTLEN": 63,
        "INVEX": Listing.INVITED.value,
        "KEYLEN": limits.key_length,
        "KICKLEN": settings.kick_length,
        "MAXLIST": ",".join(f"{each.value}:{limits.list_entries}" for each in Listing),
        "MAXTARGETS": settings.targets,
        "MODES": settings.modes_per_line,
        "MONITOR": settings.monitor_limit,
        "MSGREFTYPES": "msgid,timestamp",
        "NAMELEN": settings.realname_length,
        "NETWORK": settings.network,
        "NICKLEN": limits.name_length,
        "PREFIX": f"({letters}){prefixes}",
        "SAFELIST": "",
        "STATUSMSG": prefixes,
        "TARGMAX": ",".join(f"{verb}:{limited.get(verb, '')}" for verb in TARGETED),
        "TOPICLEN": limits.topic_length,
        "USERLEN": 18,
        "UTF8ONLY": "",
        "WHOX": "",
    }
    return tuple(f"{name}={value}" if value != "" else name for name, value in sorted(found.items()))
