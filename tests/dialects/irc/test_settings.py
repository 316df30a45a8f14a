"""What an operator decides of IRC."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.settings import IrcSettings


class IrcSettingsTests(SynchronousTestCase):
    """Texts that IRC's lines can carry, and those that they cannot."""

    def taken(self, **settings: Any) -> None:
        """These can be had."""
        made = IrcSettings(**settings)
        self.assertEqual({name: getattr(made, name) for name in settings}, settings)

    def refused(self, sentence: str, **settings: Any) -> None:
        """These cannot, and that is why."""
        error = self.assertRaises(ValueError, IrcSettings, **settings)
        self.assertEqual(str(error), sentence)

    def test_name(self) -> None:
        """The server's name is a host name with a dot, in at most 63 characters."""
        why = "name must be a host name of at most 63 characters with a dot in it, like irc.example.org"
        for name in ("irc.example.org", "a.b", "1.2", "x-1.Y", "a" * 60 + ".bc", "a" * 59 + ".bc"):
            self.taken(name=name)
        for name in ("", "chat", "irc.", ".irc", "a..b", "-a.b", "a-.b", "a b.c", "a.b!", "ä.b", "a.b\n", "a_b.c"):
            self.refused(why, name=name)
        self.refused(why, name="a" * 61 + ".bc")

    def test_network(self) -> None:
        """The network's name is one word that ISUPPORT can carry, in at most 63 characters."""
        why = "network must be one word of at most 63 letters, digits and signs other than = and \\"
        for network in ("chat", "Chat-2.0", "!~", "x" * 62, "x" * 63):
            self.taken(network=network)
        for network in ("", "a b", " a", "a=b", "a\\b", "a\n", "ä", "x" * 64):
            self.refused(why, network=network)

    def test_password(self) -> None:
        """The password is one line of at most 400 bytes; blanks in it count."""
        why = "password must be one line of at most 400 bytes"
        for password in ("", "two words ", "x" * 399, "x" * 400, "ä" * 200):
            self.taken(password=password)
        for password in ("a\r\nb", "\0", "\x7f", "x" * 401, "ä" * 201):
            self.refused(why, password=password)

    def test_admin(self) -> None:
        """ADMIN has three lines at most, of at most 300 characters."""
        for lines in ((), ("a",), ("a", "b"), ("a", "", "ada@example.org"), ("ä" * 299,), ("ä" * 300,)):
            self.taken(admin=lines)
        self.refused("admin has three lines at most, not 4", admin=("a", "b", "c", "d"))
        why = "admin must have lines of at most 300 characters, without control characters"
        for line in ("a\nb", "\0", "ä" * 301):
            self.refused(why, admin=("fine", line))
