"""The seams of the house. What keeps one of these can be put in its place; `tests/contracts/` tells whether it does.

    transport --ILink--> dialect            a dialect writes frames to a link, and says when it is done
    transport --ICrowd--> rooms             a room writes frames to many links at once
    transport <--IConversation-- dialect    a transport hands lines to a conversation
    rooms --IBackplane--> nodes             what happens is numbered and handed back for delivery
    rooms --IHistoryStore--> memory, disk   what was said is kept
    rooms --IRecordStore--> memory, disk    what rooms and people are is kept over a restart
    dialect --IMarkerStore--> memory, disk  how far it was read
    dialect --IAccounts--> accounts         who somebody is, and how they prove it
    accounts --IAccountStore--> memory, disk

(zope.interface leaves `self` out of the signatures.)
"""

from chatproto.interfaces.accounts import IAccounts, IExchange
from chatproto.interfaces.links import IBackplane, IConversation, ICrowd, ILink, Peer
from chatproto.interfaces.stores import (
    ANYBODY,
    Asker,
    Found,
    IAccountStore,
    IHistoryStore,
    IMarkerStore,
    IRecordStore,
    Mark,
    Record,
    Search,
)

__all__ = [
    "ANYBODY",
    "Asker",
    "Found",
    "IAccountStore",
    "IAccounts",
    "IBackplane",
    "IConversation",
    "ICrowd",
    "IExchange",
    "IHistoryStore",
    "ILink",
    "IMarkerStore",
    "IRecordStore",
    "Mark",
    "Peer",
    "Record",
    "Search",
]
