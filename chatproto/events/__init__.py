"""What can happen, in text and nothing else: rooms speak in these, each dialect renders them to its own lines.

Events know nothing of sockets, dialects or rooms. They are frozen: one event is shared by everyone who sees it.
event.py has what they have in common, the other files one family each.
"""

from chatproto.events.ending import Ending
from chatproto.events.event import Event, Stamp, Who
from chatproto.events.messages import Kind, Part, Redacted, Said, Tags, Whispered
from chatproto.events.people import (
    AccountChanged,
    AccountGone,
    Announced,
    Appeared,
    AwayChanged,
    HostChanged,
    MetadataChanged,
    Quit,
    RealnameChanged,
    Renamed,
    Returned,
    Vanished,
    Warned,
)
from chatproto.events.rooms import Invited, Joined, Kicked, Left, ModesChanged, RoomRenamed, TopicChanged

__all__ = [
    "AccountChanged",
    "AccountGone",
    "Announced",
    "Appeared",
    "AwayChanged",
    "Ending",
    "Event",
    "HostChanged",
    "Invited",
    "Joined",
    "Kicked",
    "Kind",
    "Left",
    "MetadataChanged",
    "ModesChanged",
    "Part",
    "Quit",
    "RealnameChanged",
    "Redacted",
    "Renamed",
    "Returned",
    "RoomRenamed",
    "Said",
    "Stamp",
    "Tags",
    "TopicChanged",
    "Vanished",
    "Warned",
    "Whispered",
    "Who",
]
