"""The dialect of people on nc and telnet: what they type is said, and a line that begins with / is a command."""

from chatproto.dialects.plain.conversation import REFUSED, PlainConversation

__all__ = ["REFUSED", "PlainConversation"]
