"""What is refused, in IRC's words."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto import errors
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.refusals import reply
from chatproto.rooms.masks import BadMask


class RefusalTests(SynchronousTestCase):
    """The numeric of each error."""

    def test_parameters(self) -> None:
        """Each has the parameters that clients look for; a numeric without a text of its own tells the sentence."""
        for error, code, params in (
            (errors.BadName("x y", "no"), "432", ("*", "'x y' cannot be used: no.")),
            (errors.NameTaken("ada", None), "433", ("ada", "ada is taken. Choose another name.")),
            (errors.NoSuchPerson(""), "401", ("*",)),
            (errors.NoSuchRoom(":x"), "403", ("*",)),
            (errors.NotInRoom("#a"), "442", ("#a",)),
            (errors.NotThere("bob", "#a"), "441", ("bob", "#a")),
            (errors.AlreadyThere("bob", "#a"), "443", ("bob", "#a")),
            (errors.Banned("#a"), "474", ("#a",)),
            (errors.InviteOnly("#a"), "473", ("#a",)),
            (errors.WrongKey("#a"), "475", ("#a",)),
            (errors.AtItsLimit("#a"), "471", ("#a",)),
            (errors.RoomFull("#a", 2), "471", ("#a",)),
            (errors.NeedsAccount("#a"), "477", ("#a", str(errors.NeedsAccount("#a")))),
            (errors.NotOperator("#a"), "482", ("#a", "Only operators of #a may do that.")),
            (errors.Outranked("#a", "bob"), "482", ("#a", "bob stands higher than you in #a.")),
            (errors.OutsideMayNotSpeak("#a"), "404", ("#a", "You are not in #a. Use /join #a first.")),
            (errors.MayNotSpeak("#a", "No."), "404", ("#a", "No.")),
            (errors.BadKey("#a", "k", "x y", "No."), "696", ("#a", "k", "*", "No.")),
            (errors.BadValue("#a", "l", "x", "No."), "696", ("#a", "l", "x", "No.")),
            (errors.NotServerOperator(), "481", ()),
            (BadMask("x", "no"), "696", ("*", "b", "x", "'x' cannot be used as a mask: no.")),
        ):
            numeric, found = reply(error)
            self.assertEqual((numeric.code, found), (code, params), error)

    def test_looks_the_same(self) -> None:
        """That a room looks like another one is told as that there is none, in a sentence that says why."""
        error = errors.RoomLooksLike("#а", "#a")
        numeric, params = reply(error)
        self.assertEqual((numeric.code, numeric.text, params), ("403", "", ("#а", str(error))))

    def test_unforeseen(self) -> None:
        """What has no numeric is told in its sentence."""

        class Other(errors.ChatError):
            """Something new."""

        self.assertEqual(reply(Other("No.")), (n.ERR_UNKNOWNERROR, ("*", "No.")))
