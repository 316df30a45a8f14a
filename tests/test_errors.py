"""Refusals: sentences for the person who asked, and fields for the dialect that finds its own words."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto import errors
from chatproto.errors import (
    LONGEST_QUOTED,
    AccountExists,
    AlreadyThere,
    AtItsLimit,
    BadKey,
    BadLine,
    BadName,
    BadPassword,
    BadValue,
    Banned,
    CertificateTaken,
    ChatError,
    Garbled,
    InviteOnly,
    ListFull,
    MayNotJoin,
    MayNotSpeak,
    NameTaken,
    NeedsAccount,
    NoAccounts,
    NoSuchAccount,
    NoSuchMessage,
    NoSuchPerson,
    NoSuchRoom,
    NotChecked,
    NotEncrypted,
    NotInRoom,
    NotOperator,
    NotServerOperator,
    NotThere,
    Outranked,
    OutsideMayNotSpeak,
    Refused,
    RegistrationClosed,
    RoomFull,
    RoomLooksLike,
    TakesTooLong,
    TooLong,
    TooManyAttempts,
    TooManyCertificates,
    TooManyClients,
    TooManyRooms,
    TooManySearches,
    TooManyTries,
    Unavailable,
    UnknownMechanism,
    Unwanted,
    WrongKey,
    WrongLogin,
    WrongPassword,
)

ALL = [
    TooManyClients("ada", 20),
    BadName("a b", "it has a space"),
    NameTaken("ada", "ada"),
    RoomLooksLike("#a", "#b"),
    NoSuchPerson("ada"),
    NoSuchRoom("#a"),
    NotInRoom("#a"),
    TooManyRooms(20),
    RoomFull("#a", 100),
    TooLong("message", 11, 10),
    Refused("#a", "So it is."),
    MayNotJoin("#a", "So it is."),
    Banned("#a"),
    InviteOnly("#a"),
    WrongKey("#a"),
    NeedsAccount("#a"),
    AtItsLimit("#a"),
    MayNotSpeak("#a", "So it is."),
    OutsideMayNotSpeak("#a"),
    NotOperator("#a"),
    Outranked("#a", "ada"),
    NotServerOperator(),
    WrongPassword(),
    TooManyTries(),
    NotChecked(),
    NotThere("ada", "#a"),
    AlreadyThere("ada", "#a"),
    ListFull("#a", "ada!*@*", 100, "b"),
    BadValue("#a", "l", "x", "So it is."),
    BadKey("#a", "k", "x y", "So it is."),
    NoSuchMessage("#a", "1-1"),
    Unwanted("ada", "takes no CTCP"),
    WrongLogin(),
    TooManyAttempts(30),
    NotEncrypted(),
    UnknownMechanism(("PLAIN", "EXTERNAL")),
    Garbled("PLAIN"),
    AccountExists("ada"),
    NoSuchAccount("ada"),
    BadPassword("it has 7 bytes, and 8 are needed", weak=True),
    CertificateTaken(),
    TooManyCertificates(10),
    NoAccounts(),
    RegistrationClosed(),
    Unavailable(),
    TakesTooLong(),
    TooManySearches(),
]


class SentenceTests(SynchronousTestCase):
    """`str(error)` is what a person reads."""

    def test_all_are_sentences(self) -> None:
        """Every refusal is a line of its own that ends with a full stop."""
        kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ChatError)}
        self.assertEqual({type(error) for error in ALL}, kinds - {ChatError})
        for error in [*ALL, UnknownMechanism(())]:
            self.assertRegex(str(error), r"\A\S[^\n]*\.\Z")

    def test_peers_and_people_err_differently(self) -> None:
        """What breaks the dialect is not what a person is refused."""
        self.assertFalse(issubclass(BadLine, ChatError))
        self.assertFalse(issubclass(ChatError, BadLine))

    def test_limits_are_told(self) -> None:
        """A refusal for a limit says the limit, and for a text its length too."""
        self.assertEqual(str(TooLong("topic", 391, 390)), "That topic has 391 characters; 390 are allowed.")
        self.assertIn("20 rooms", str(TooManyRooms(20)))
        self.assertIn("#a is full: it holds 100 people", str(RoomFull("#a", 100)))

    def test_fields(self) -> None:
        """What a dialect needs for its own words stands in fields, unshortened."""
        long = "x" * 1000
        self.assertEqual(BadName(long, "why").name, long)
        self.assertEqual(NoSuchPerson(long).name, long)
        self.assertEqual(NoSuchRoom(long).room, long)
        self.assertEqual((NameTaken("a", "b").name, NameTaken("a", "b").holder), ("a", "b"))
        self.assertEqual((RoomLooksLike("#a", "#b").name, RoomLooksLike("#a", "#b").existing), ("#a", "#b"))
        self.assertEqual(NotInRoom("#a").room, "#a")
        self.assertEqual(TooManyRooms(3).limit, 3)
        self.assertEqual((RoomFull("#a", 3).room, RoomFull("#a", 3).limit), ("#a", 3))
        self.assertEqual((TooLong("topic", 4, 3).length, TooLong("topic", 4, 3).limit), (4, 3))

    def test_fields_of_rooms(self) -> None:
        """What a room refuses says which room; where somebody or something else is about, that too."""
        refused = [error for error in ALL if isinstance(error, Refused)]
        self.assertEqual(len(refused), 11)
        self.assertEqual({error.room for error in refused}, {"#a"})
        for error in (NotThere("ada", "#a"), AlreadyThere("ada", "#a")):
            self.assertEqual((error.name, error.room), ("ada", "#a"))
        full = ListFull("#a", "x", 3, "b")
        self.assertEqual((full.room, full.entry, full.letter), ("#a", "x", "b"))
        bad = BadKey("#a", "k", "x y", "No.")
        self.assertEqual((bad.room, bad.rule, bad.value), ("#a", "k", "x y"))
        self.assertEqual((NoSuchMessage("#a", "1-1").room, NoSuchMessage("#a", "1-1").message), ("#a", "1-1"))
        self.assertEqual(Unwanted("ada", "does").name, "ada")

    def test_fields_of_accounts(self) -> None:
        """What is refused about accounts says how long, which, how many, and whether a password is only weak."""
        self.assertEqual((TooManyAttempts(3).seconds, TooManyCertificates(3).limit), (3, 3))
        self.assertEqual((UnknownMechanism(("A", "B")).mechanisms, Garbled("A").mechanism), (("A", "B"), "A"))
        self.assertEqual((AccountExists("ada").name, NoSuchAccount("ada").name), ("ada", "ada"))
        self.assertEqual((BadPassword("x").weak, BadPassword("x", weak=True).weak), (False, True))

    def test_kinds(self) -> None:
        """A dialect that knows only the more general refusal understands the special one."""
        for kind in (Banned, InviteOnly, WrongKey, NeedsAccount, AtItsLimit):
            self.assertTrue(issubclass(kind, MayNotJoin))
        self.assertTrue(issubclass(OutsideMayNotSpeak, MayNotSpeak))
        self.assertTrue(issubclass(OutsideMayNotSpeak, NotInRoom))
        self.assertTrue(issubclass(Outranked, NotOperator))
        self.assertTrue(issubclass(BadKey, BadValue))
        self.assertTrue(issubclass(RegistrationClosed, NoAccounts))


class QuotingTests(SynchronousTestCase):
    """What was typed is quoted, but not at any length."""

    def test_short_texts_are_quoted_whole(self) -> None:
        """One character less than the bound, and as many, are quoted as they are."""
        for length in (LONGEST_QUOTED - 1, LONGEST_QUOTED):
            text = "x" * length
            self.assertEqual(str(BadName(text, "why")), f"'{text}' cannot be used: why.")
            self.assertEqual(str(NoSuchPerson(text)), f"Nobody here is called {text}.")
            self.assertEqual(str(NoSuchRoom(text)), f"There is no room {text}.")

    def test_long_texts_are_shortened(self) -> None:
        """One character more, or any number, is cut, and one sees that."""
        for length in (LONGEST_QUOTED + 1, 100_000):
            cut = "x" * LONGEST_QUOTED + "…"
            self.assertEqual(str(BadName("x" * length, "why")), f"'{cut}' cannot be used: why.")
            self.assertEqual(str(NoSuchPerson("x" * length)), f"Nobody here is called {cut}.")
            self.assertEqual(str(NoSuchRoom("x" * length)), f"There is no room {cut}.")

    def test_control_characters_are_made_visible(self) -> None:
        """A bad name that would move the cursor is shown escaped."""
        self.assertEqual(str(BadName("a\x1b[2J\r\n", "why")), r"'a\x1b[2J\r\n' cannot be used: why.")


class NameTakenTests(SynchronousTestCase):
    """Who has the name decides the words."""

    def test_taken(self) -> None:
        """A name that somebody has is taken."""
        self.assertEqual(str(NameTaken("ada", None)), "ada is taken. Choose another name.")

    def test_look_alike(self) -> None:
        """A name that looks like another's says whose."""
        self.assertEqual(
            str(NameTaken("pau1a", "paula")), "pau1a is too much like paula, which is taken. Choose another name."
        )
