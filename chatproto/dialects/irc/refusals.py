"""What is refused, in IRC's words: the numeric of each `ChatError`, and its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatproto import errors
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.message import echoed
from chatproto.dialects.irc.numerics import Numeric, Reply
from chatproto.errors import ChatError
from chatproto.rooms.masks import BadMask

Params = Callable[[Any], tuple[str, ...]]


def reply(error: ChatError) -> Reply:
    """The numeric that says it, with the parameters that it has before its text; a numeric without a text of its own
    gets the error's sentence."""
    for kind in type(error).__mro__:
        if kind in _REPLIES:
            numeric, params = _REPLIES[kind]
            text = () if numeric.text else (str(error),)
            return numeric, (*map(echoed, params(error)), *text)
    return n.ERR_UNKNOWNERROR, ("*", str(error))


def _name(error: Any) -> tuple[str, ...]:
    return (error.name,)


def _room(error: Any) -> tuple[str, ...]:
    return (error.room,)


_REPLIES: dict[type, tuple[Numeric, Params]] = {
    errors.BadName: (n.ERR_ERRONEUSNICKNAME, _name),
    errors.NameTaken: (n.ERR_NICKNAMEINUSE, _name),
    errors.RoomLooksLike: (Numeric(n.ERR_NOSUCHCHANNEL.code), _name),  # The sentence says what it looks like.
    errors.NoSuchPerson: (n.ERR_NOSUCHNICK, _name),
    errors.NoSuchRoom: (n.ERR_NOSUCHCHANNEL, _room),
    errors.NotInRoom: (n.ERR_NOTONCHANNEL, _room),
    errors.OutsideMayNotSpeak: (n.ERR_CANNOTSENDTOCHAN, _room),
    errors.MayNotSpeak: (n.ERR_CANNOTSENDTOCHAN, _room),
    errors.TooManyRooms: (n.ERR_TOOMANYCHANNELS, lambda error: ("*",)),
    errors.TooLong: (n.ERR_INPUTTOOLONG, lambda error: ()),
    errors.RoomFull: (n.ERR_CHANNELISFULL, _room),
    errors.AtItsLimit: (n.ERR_CHANNELISFULL, _room),
    errors.Banned: (n.ERR_BANNEDFROMCHAN, _room),
    errors.InviteOnly: (n.ERR_INVITEONLYCHAN, _room),
    errors.WrongKey: (n.ERR_BADCHANNELKEY, _room),
    errors.NeedsAccount: (n.ERR_NEEDREGGEDNICK, _room),
    errors.NotOperator: (n.ERR_CHANOPRIVSNEEDED, _room),
    errors.NotServerOperator: (n.ERR_NOPRIVILEGES, lambda error: ()),
    errors.WrongPassword: (n.ERR_PASSWDMISMATCH, lambda error: ()),
    errors.NotThere: (n.ERR_USERNOTINCHANNEL, lambda error: (error.name, error.room)),
    errors.AlreadyThere: (n.ERR_USERONCHANNEL, lambda error: (error.name, error.room)),
    errors.ListFull: (n.ERR_BANLISTFULL, lambda error: (error.room, error.letter)),
    errors.BadValue: (n.ERR_INVALIDMODEPARAM, lambda error: (error.room, error.rule, error.value)),
    errors.Unwanted: (n.ERR_CANNOTSENDTOUSER, _name),
    BadMask: (n.ERR_INVALIDMODEPARAM, lambda error: ("*", "b", error.mask)),
}
