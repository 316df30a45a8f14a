"""Names: which are allowed, which are the same, and which look the same."""

from __future__ import annotations

import unicodedata

from confusable_homoglyphs.confusables import confusables_data
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import BadName
from chatproto.rooms import names
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.names import LONGEST, Name, key_of, skeleton

LIMITS = RoomLimits(name_length=10, room_name_length=10)
DEFAULTS = RoomLimits()

TRICKY = "iIlLıİ1|oO0оОmrnМмвВνΝρΡςσΣßẞée\u0301ÅＡａ－ᾧ\u0430\u0456\u0406가각ﷺعד_-[]"
"""Characters whose case, width, look or composition is a trap."""
TEXTS = st.text(st.sampled_from(TRICKY) | st.characters(categories=["L", "N", "M"]), min_size=1, max_size=8)

LOOK_ALIKES = [
    ("paypal", "раураl"),  # Cyrillic, but for the last letter.
    ("ada", "аdа"),
    ("BOB", "ВОВ"),
    ("ab\u0443", "aby"),
    ("van", "νan"),  # Greek.
    ("straße", "strasse"),
    ("bi11", "bill"),
    ("bIt", "blt"),
    ("Ivan", "lvan"),
    ("x|", "xl"),
    ("bOb", "b0b"),
    ("aO", "a0"),
    ("modern", "rnodern"),
    ("Modern", "rnodern"),
    ("ｐaul", "раul"),
]


def person(text: str, limits: RoomLimits = DEFAULTS) -> Name | None:
    """The name, or None for one that nobody may have."""
    try:
        return names.person(text, limits)
    except BadName:
        return None


def alike(one: str, other: str) -> bool:
    """Whether two people cannot have these names at one time."""
    first, second = names.person(one, DEFAULTS), names.person(other, DEFAULTS)
    return not set(first.tokens).isdisjoint(second.tokens)


class AllowedTests(SynchronousTestCase):
    """Which names people can have."""

    def test_letters_of_any_script(self) -> None:
        """Letters, digits and marks of any script are names, shown as they were typed."""
        for text in (
            "ada",
            "Ada",
            "Ada99",
            "Жанна",
            "Ζωή",
            "李雷",
            "지수",
            "आदित्य",
            "דוד",
            "Åsa",
            "_x_",
            "[a]",
            "a-b",
            "{a|b}",
        ):
            self.assertEqual(names.person(text, DEFAULTS).shown, text)

    def test_what_is_not_a_name(self) -> None:
        """Nothing at all, spaces of any kind, controls, symbols and what dialects use is refused."""
        for text in (
            *("", " ", "a b", " ada", "ada ", "a\u00a0b", "a\u3000b", "a\u200bb", "a\u200db", "a\tb", "a\nb", "a\rb"),
            *("a\x00", "\x1b[1m", "a\x7f", "a\u202eb", "a\ufeff", "#ada", "@ada", "+ada", "a!b", "a@b", "a:b", ":ada"),
            *("a,b", "a*", "a?", "a.b", "/ada", "$a", "<a>", "a>b", "☃", "😀", "a\u2028b", "²", "ﬁ", "\ud800"),
        ):
            self.assertRaises(BadName, names.person, text, DEFAULTS)

    def test_first_character(self) -> None:
        """A name cannot begin with a digit, a dash or a combining mark, in whatever width or script."""
        for text in ("1ada", "9", "-ada", "１ada", "－ada", "٣ada", "\u0301ada", "\u0338x"):
            self.assertRaises(BadName, names.person, text, DEFAULTS)
        for text in ("a1", "a-", "a\u0338", "_1"):
            self.assertIsNotNone(person(text), text)

    def test_mixed_directions(self) -> None:
        """What would be drawn in another order than it is stored is refused (RFC 5893)."""
        self.assertRaises(BadName, names.person, "דודabc", DEFAULTS)

    def test_length(self) -> None:
        """A name has at most as many characters as the limit says."""
        for length in (1, 9, 10):
            self.assertEqual(names.person("x" * length, LIMITS).shown, "x" * length)
        with self.assertRaises(BadName) as caught:
            names.person("x" * 11, LIMITS)
        self.assertIn("a name has at most 10 characters", str(caught.exception))

    def test_length_is_counted_after_normalisation(self) -> None:
        """Letters that come in pieces count once they are put together, even those that come in four."""
        self.assertEqual(names.person("e\u0301" * 10, LIMITS).shown, "é" * 10)
        self.assertRaises(BadName, names.person, "e\u0301" * 11, LIMITS)
        in_four = unicodedata.normalize("NFD", "ᾧ" * 10)
        self.assertEqual(len(in_four), 40)
        self.assertEqual(names.person(in_four, LIMITS).shown, "ᾧ" * 10)

    def test_refusal_of_long_text_is_short(self) -> None:
        """Over-long text is refused by a sentence that is not."""
        for text in ("x" * 100_000, "☃" * 100_000, "\u0301" * 100_000):
            for ask in (names.person, names.room):
                with self.assertRaises(BadName) as caught:
                    ask(f"#{text}" if ask is names.room else text, LIMITS)
                self.assertLess(len(str(caught.exception)), 200)

    def test_the_sentence_says_what_is_allowed(self) -> None:
        """A refusal quotes the name and says what a name is."""
        with self.assertRaises(BadName) as caught:
            names.person("a b", LIMITS)
        self.assertEqual(
            str(caught.exception), r"'a b' cannot be used: a name is letters, digits and any of -[\]^_`{|}."
        )

    def test_ordinary_names(self) -> None:
        """People are called this, in many scripts; rooms can be, too."""
        for text in (
            *("さくら", "ユーリー", "محمد", "שרה", "प्रिया", "Наталья", "Αλέξανδρος", "王小明", "สมชาย", "김민준"),
            *("Արմեն", "ნინო", "தமிழ்", "সুমন", "Siân", "रामः"),
        ):
            self.assertEqual(names.person(text, DEFAULTS).shown, text)
            self.assertEqual(names.room(f"#{text}", DEFAULTS).shown, f"#{text}")

    def test_letters_that_look_like_what_stands_around_names(self) -> None:
        """No letter that looks like `<`, `>`, `:` or `*` is in a name, wherever it stands, and a sentence says why."""
        for letter in "\u1438\u16b2\u1433\ua4fd\u02d0\U0001031f":
            self.assertIn(unicodedata.category(letter)[0], "LNM")
            for text in (letter, f"{letter}ada", f"ada{letter}", f"ad{letter}a", f"ada{letter}\u0301"):
                for ask, asked, what in (
                    (names.person, text, "a name"),
                    (names.room, f"#{text}", "the name of a room"),
                ):
                    with self.assertRaises(BadName) as caught:
                        ask(asked, DEFAULTS)
                    self.assertEqual(
                        str(caught.exception),
                        f"'{asked}' cannot be used: {what} can have no letter that looks like one of # ( ) * : < >.",
                    )

    def test_any_letter_that_looks_like_them(self) -> None:
        """The same holds for every letter of Unicode that is known to look so."""
        for looked_like in "<>():*#":
            letters = [each["c"] for each in confusables_data.get(looked_like, ()) if each["c"].isalnum()]
            for ask, prefix in ((names.person, "a"), (names.room, "#a")):
                for letter in letters:
                    self.assertRaises(BadName, ask, prefix + letter, DEFAULTS)

    def test_clicks(self) -> None:
        """The letter U+01C3 looks like `!` and is a letter of names in Khoekhoe. No line begins with a name, so it
        imitates nothing."""
        for text in ("\u01c3Gari", "\u01c3\u01c3"):
            self.assertEqual(names.person(text, DEFAULTS).shown, text)
        self.assertEqual(names.room("#a\u01c3", DEFAULTS).skeleton, names.room("#a!", DEFAULTS).skeleton)


class ReservedTests(SynchronousTestCase):
    """Names that nobody may take."""

    def test_reserved(self) -> None:
        """Reserved names are refused in any case and width."""
        for text in (
            "root",
            "Root",
            "ROOT",
            "ｒｏｏｔ",
            "nickserv",
            "NICKSERV",
            "NickServ",
            "nIcKsErV",
            "You",
            "server",
        ):
            with self.assertRaises(BadName) as caught:
                names.person(text, DEFAULTS)
            self.assertIn("it is reserved", str(caught.exception))

    def test_look_alikes(self) -> None:
        """What looks like a reserved name, as it is written or in capitals, is refused too."""
        for text in ("r00t", "rооt", "R0ОT", "аll", "a1l", "aIl", "NlCKSERV", "YОU", "\u04bbere"):
            self.assertIsNone(person(text), text)

    def test_others(self) -> None:
        """What only contains a reserved name is free."""
        for text in ("roots", "you2", "small", "there"):
            self.assertIsNotNone(person(text), text)

    def test_setting(self) -> None:
        """Which names are reserved is a setting."""
        limits = RoomLimits(reserved_names=("bill", "mimi"))
        self.assertIsNotNone(person("root", limits))
        for text in ("bill", "Bill", "bi11", "BlLL", "mimi", "mImi", "rnirni"):
            self.assertIsNone(person(text, limits), text)


class SameTests(SynchronousTestCase):
    """Which names are the same: those with one key."""

    def test_case(self) -> None:
        """Case does not make another name, in any script."""
        for one, other in (("ada", "ADA"), ("Жанна", "жАННА"), ("ΖΩΗ", "ζωη"), ("Åsa", "åSA"), ("Ivan", "ivan")):
            self.assertEqual(key_of(one), key_of(other))
            self.assertTrue(alike(one, other))

    def test_width_and_composition(self) -> None:
        """Full width is shown as normal width, and pieces as the letter they make."""
        self.assertEqual(names.person("Ａｄａ", DEFAULTS), names.person("Ada", DEFAULTS))
        self.assertEqual(names.person("A\u030asa", DEFAULTS), names.person("Åsa", DEFAULTS))

    def test_accents(self) -> None:
        """An accent makes another name."""
        self.assertFalse(alike("rene", "rené"))

    def test_what_is_no_name(self) -> None:
        """The key of what is no name is the text itself, and equals no name's key."""
        for text in ("", " ", "a b", "A B", "A\x00", "\ud800"):
            self.assertEqual(key_of(text), text)
            self.assertIsNone(person(text))

    def test_rooms_and_people(self) -> None:
        """The key of a room keeps its #, so no room is a person."""
        self.assertEqual(key_of("#Garden"), "#garden")
        self.assertNotEqual(key_of("#garden"), key_of("garden"))
        self.assertEqual(key_of("##Garden"), "##garden")

    def test_long_text(self) -> None:
        """Text that is longer than any name, in however many pieces, is no name and is not looked into."""
        longest = "e\u0301" * LONGEST
        self.assertEqual(key_of(longest), "é" * LONGEST)
        for length in (4 * LONGEST + 1, 100_000):
            self.assertEqual(key_of("X" * length), "X" * length)
        self.assertEqual(key_of("X" * (4 * LONGEST)), "x" * (4 * LONGEST))


class LookAlikeTests(SynchronousTestCase):
    """Which names look the same: those that have a token in common."""

    def test_look_alikes(self) -> None:
        """Letters of other scripts, digits and pairs of letters that look like others make the same name."""
        for one, other in LOOK_ALIKES:
            self.assertTrue(alike(one, other), (one, other))
            self.assertTrue(alike(other, one), (one, other))

    def test_not_alike(self) -> None:
        """Names that can be told apart stay apart, though a capital of the one may look like the other."""
        for one, other in (
            ("ada", "bob"),
            ("van", "nan"),
            ("ivan", "lvan"),
            ("rn", "nr"),
            ("tom", "tim"),
            ("ray", "rat"),
        ):
            self.assertFalse(alike(one, other), (one, other))

    def test_tokens(self) -> None:
        """A name has a token for what it is and one for how it looks; where that is the same, one."""
        self.assertEqual(names.person("Ivan", DEFAULTS).tokens, ("ivan", "lvan"))
        self.assertEqual(names.person("ada", DEFAULTS).tokens, ("ada",))


class RoomNameTests(SynchronousTestCase):
    """Names of rooms."""

    def test_allowed(self) -> None:
        """Behind its # a room's name is any name, and more: digits first, dots, and a few marks."""
        for text in (
            "#garden",
            "#Garden",
            "#1",
            "#-x",
            "#c++",
            "##c",
            "#a.b",
            "#what?",
            "#a/b",
            "#~",
            "#root",
            "#сад",
            "#&!'=",
        ):
            self.assertEqual(names.room(text, DEFAULTS).shown, text)

    def test_without_hash(self) -> None:
        """The name of a room begins with #, and says so."""
        for text in ("garden", "", " #garden", "＃garden", "&garden"):
            with self.assertRaises(BadName) as caught:
                names.room(text, DEFAULTS)
            self.assertIn("begins with #", str(caught.exception))

    def test_not_allowed(self) -> None:
        """Nothing behind the #, spaces, controls, commas, another # and what is drawn over the # is refused."""
        for text in (
            "#",
            "# ",
            "#a b",
            "#a,b",
            "##",
            "#a#",
            "#a:b",
            "#a\x07",
            "#a\u200bb",
            "#☃",
            "#\u0338x",
            "#a*",
            "#\n",
        ):
            self.assertRaises(BadName, names.room, text, DEFAULTS)

    def test_length(self) -> None:
        """The limit counts the #."""
        for length in (1, 8, 9):
            self.assertEqual(len(names.room("#" + "x" * length, LIMITS).shown), length + 1)
        with self.assertRaises(BadName) as caught:
            names.room("#" + "x" * 10, LIMITS)
        self.assertIn("the name of a room has at most 10 characters", str(caught.exception))

    def test_same_and_alike(self) -> None:
        """Rooms are the same and look the same as people do."""
        self.assertEqual(names.room("#Garden", LIMITS).key, names.room("#gARDEN", LIMITS).key)
        self.assertEqual(names.room("#garden", LIMITS).skeleton, names.room("#gаrden", LIMITS).skeleton)
        self.assertEqual(names.room("#rn", LIMITS).skeleton, names.room("#m", LIMITS).skeleton)


class AnyNameTests(SynchronousTestCase):
    """What holds for all names."""

    @settings(deadline=None, max_examples=300)
    @given(TEXTS)
    def test_shown_names_are_names(self, text: str) -> None:
        """What is shown can be typed: it is the same name. So is the key of the name, where that is allowed."""
        name = person(text)
        assume(name is not None)
        assert name is not None
        self.assertEqual(person(name.shown), name)
        self.assertEqual(key_of(text), name.key)
        self.assertEqual(key_of(name.shown), name.key)
        self.assertEqual(key_of(name.key), name.key)
        self.assertNotIn("", name.tokens)

    @settings(deadline=None, max_examples=300)
    @given(TEXTS)
    def test_any_case_is_the_same_name(self, text: str) -> None:
        """Whatever is the same name in another case collides with it."""
        name = person(text)
        assume(name is not None)
        assert name is not None
        for variant in (text.upper(), text.lower(), text.title(), text.swapcase()):
            other = person(variant)
            if other is not None and other.key == name.key:
                self.assertFalse(set(other.tokens).isdisjoint(name.tokens))

    @settings(deadline=None, max_examples=300)
    @given(TEXTS, st.data())
    def test_any_look_alike_collides(self, text: str, data: st.DataObject) -> None:
        """A name in which letters are exchanged for their look-alikes collides with it."""
        pairs = {"a": "а", "o": "0", "O": "0", "l": "1", "I": "l", "m": "rn", "p": "р", "B": "В", "n": "n", "e": "е"}
        swapped = "".join(
            data.draw(st.sampled_from([each, pairs[each]])) if each in pairs else each for each in f"a{text}eIlmopOB"
        )
        one, other = person(f"a{text}eIlmopOB"), person(swapped)
        assume(one is not None and other is not None)
        assert one is not None
        assert other is not None
        self.assertEqual(one.skeleton, other.skeleton)
        self.assertFalse(set(one.tokens).isdisjoint(other.tokens))

    @settings(deadline=None, max_examples=300)
    @given(st.text(max_size=30))
    def test_any_text(self, text: str) -> None:
        """Any text is a name or a `BadName`; a name has no spaces, controls or quotes, whatever was typed."""
        for ask, limits in ((names.person, LIMITS), (names.room, LIMITS)):
            try:
                name = ask(text, limits)
            except BadName:
                continue
            self.assertTrue(name.shown.isprintable())
            self.assertFalse(set(name.shown) & set(' <>@:,*"$%'))
            self.assertLessEqual(len(name.shown), 10)

    @settings(deadline=None)
    @given(st.text(max_size=12))
    def test_skeletons_of_canonical_equivalents(self, text: str) -> None:
        """Texts that are canonically equivalent look the same."""
        looks = {skeleton(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")} | {skeleton(text)}
        self.assertEqual(len(looks), 1)
