"""Lines that IRC clients and people on terminals may send, right and wrong, of every verb and command that there is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from chatproto.dialects.irc import verbs
from chatproto.dialects.irc.caps import CAPS
from chatproto.dialects.irc.table import VERBS
from chatproto.dialects.plain import accounts, commands, operating, people
from chatproto.dialects.plain.table import COMMANDS

assert verbs, (accounts, commands, operating, people)  # Importing them fills the tables.

PEOPLE = ("ada", "Bob", "cleo", "dÉa", "eve", "жук", "x" * 30, "é" * 30)
"""Names that people take when they come."""

NICKS = (
    "ada",
    "Bob",
    "cleo",
    "dÉa",
    "eve",
    "жук",
    "*",
    "nobody",
    "AdA",
    "two\u0301",
    "x" * 30,
    "é" * 30,
    "chatproto.local",
)
ROOMS = (
    "#lobby",
    "#a",
    "#B",
    "#b",
    "#sécret",
    "#" + "ж" * 49,
    "#gone",
    "#",
    "a",
    "@#a",
    "+#b",
    "@+#a",
    "#A\u0301",
    "#a/b.c?",
)
TEXTS = (
    "hello", "", ":)", " two  words ", "x" * 400, "é" * 230, "👩‍👩‍👧" * 20, "\x01ACTION waves\x01", "\x01VERSION\x01",
    "\x01", "\x02bold\x02 \x0304red", "\x03", "a\x7fb\x1b[2Jc", "\u2028\u202e", "a:b", "-", "0", "*!*@*",
)  # fmt: skip
MASKS = (
    "*", "ada", "*!*@*", "*!*@localhost", "m:ada", "m:*", "a:ada", "b?b*!*", "x*" * 60, "é" * 190, "\\*", "!@", "a b",
    "", "*.example.org", "n:", "*!~*@*", "?" * 30,
)  # fmt: skip
LETTERS = "nstimkblfeIvohaqCcRMUuEpOBwTZxé+-"
KEYS = ("color", "avatar", "a/b.c-d_e", "Bad", "", "x" * 64, "x" * 65, "*")
CONDITIONS = (">1", "<2", "C<5", "T>1", "!#a*", "#*", "*é*")
OPTIONS = ("o", "%tcuihsnfdlaor,7", "%cn", "%", "%,", "o%na,1234", "0")
WORDS = tuple(dict.fromkeys((*NICKS, *ROOMS, *TEXTS, *MASKS, *KEYS, "chatproto.local", "12", "999999999999")))

_NAMES = ("ada", "Bob", "cleo", "dÉa", "eve")
_PLACES = {
    "channel": ROOMS, "room": ROOMS, "new name": ROOMS, "nick": NICKS, "name": NICKS, "user": NICKS,
    "username": NICKS, "target": (*NICKS, *ROOMS), "server": ("chatproto.local", "*", "x.y", *NICKS),
    "mask": (*MASKS, *ROOMS), "key": ("secret", "k", ""), "condition": CONDITIONS, "msgid": ("$ID", "$ID", "1-1", ""),
    "verb": tuple(VERBS), "host": ("a.example.org", "bad_host", "x" * 64 + ".y", "::1"), "count": ("1", "-1", "x"),
    "password": ("secret", "wrong"), "token": ("t", *TEXTS), "reason": TEXTS, "comment": TEXTS, "text": TEXTS,
    "message": TEXTS, "topic": TEXTS, "realname": TEXTS, "fields": OPTIONS,
}  # fmt: skip
"""What can stand for each word of a verb's form."""

_FIELD = re.compile("<([^>]+)>")
_TAGS = (
    *[""] * 4, *["@label=$L "] * 3, "@label=$L;+typing=active ", "@+draft/react=\\:x\\s ", "@batch=1 ",
    "@batch=1;draft/multiline-concat ",
)  # fmt: skip
_BROKEN = (
    "", " ", ":", "@", "@a", "NOTHING here", "@label=$L NOTHING", "PRIVMSG #a :\udcff", "@label=$L PING \udcc3",
    "$RANDOM", "PRIVMSG #a :" + "x" * 600, "@+a=" + "x" * 4090 + " PRIVMSG #a :x", "@+a=" + "é" * 2000 + " TAGMSG #a",
    "$RANDOM",
)  # fmt: skip
"""What is not UTF-8 is in surrogates."""
_OFTEN = (
    *["JOIN", "MODE"] * 4,
    "PRIVMSG",
    "OPER",
    "NICK",
    "KICK",
    "PART",
    "INVITE",
    "METADATA",
    "BATCH",
    "SAMODE",
    "RENAME",
)
_TOGETHER = (
    (
        "@label=$L BATCH +1 draft/multiline #a",
        "@batch=1 PRIVMSG #a :$T",
        "@batch=1;draft/multiline-concat PRIVMSG #a :$T",
        "BATCH -1",
    ),
    ("BATCH +1 draft/multiline ada", "@batch=1 NOTICE ada :$T", "@batch=1 NOTICE ada :x", "@label=$L BATCH -1"),
    (
        "METADATA * SUB color avatar",
        "METADATA * SET color :$T",
        "@label=$L METADATA #a SET avatar :$T",
        "METADATA * CLEAR",
    ),
    ("CAP REQ :message-tags echo-message", "PRIVMSG #a :$T", "@label=$L REDACT #a $ID :$T"),
    (
        "OPER root secret",
        "MODE #a +Enu-s",
        "@label=$L NPC #a wizard :$T",
        "RELAYMSG #a a/b :$T",
        "CHGHOST ada x.example.org",
    ),
    ("OPER root secret", "WALLOPS :$T", "SAJOIN Bob #a", "SAMODE #a +o-o Bob ada", "KILL cleo :$T", "DEOPER"),
    ("MONITOR + ada,Bob,cleo,eve", "@label=$L NICK eve", "@label=$L NICK ada", "MONITOR S", "MONITOR C"),
    ("AWAY :$T", "@label=$L PRIVMSG ada,eve,Bob :$T", "AWAY"),
    ("JOIN #a", "MODE #a +stnl 9", "@label=$L RENAME #a #b :$T", "RENAME #b #a", "TOPIC #a :$T"),
    (
        "CAP REQ :batch draft/event-playback",
        "@label=$L CHATHISTORY LATEST #a * 50",
        "CHATHISTORY AROUND #a msgid=$ID 5",
        "@label=$L SEARCH text=a;in=#a",
        "SEARCH from=ada;limit=5",
        "@label=$L HISTSERV PLAY #a 5",
    ),
    (
        "CAP REQ :account-notify account-tag extended-join",
        "REGISTER * * secret-enough",
        "@label=$L NS LOGOUT",
        "NS IDENTIFY secret-enough",
        "@label=$L AUTHENTICATE PLAIN",
        "@label=$L AUTHENTICATE AGFkYQBzZWNyZXQtZW5vdWdo",
    ),
    ("NS REGISTER secret-enough", "@label=$L PRIVMSG NickServ :INFO", "NS HELP", "NS DROP ada secret-enough"),
    ("NS REGISTER secret-enough", "PRIVMSG #a :$T", "@label=$L HISTSERV EXPORT", "NS SET dm-history off", "NS GET"),
    ("CAP REQ draft/read-marker", "PART #a", "@label=$L JOIN #a", "@label=$L PRIVMSG *playback :PLAY *"),
    (
        "MODE #a +b *!*@*",
        "MODE #a +e *!*@x.example.org",
        "MODE #a b",
        "MODE #a -be *!*@* *!*@x.example.org",
        "LIST",
        "NAMES",
    ),
)
_METADATA = ("SET", "SET", "GET", "LIST", "CLEAR", "SYNC", "SUB", "SUB", "UNSUB", "SUBS", "set", "NOTHING")
_CHATHISTORY = ("LATEST", "BEFORE", "AFTER", "AROUND", "BETWEEN", "TARGETS", "latest", "NOTHING")
_PLACES_THEN = ("*", "msgid=$ID", "msgid=1-1", "timestamp=2027-01-15T08:00:00.000Z", "timestamp=x", "x=y", "x")
_SELDOM = ("QUIT", "KILL")
_COMMON = ("#a", "#b", "#lobby")


class Typist:
    """Makes lines by chance; always the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self._verbs = sorted(VERBS)
        self._commands = sorted(COMMANDS)

    def chance(self, percent: int) -> bool:
        """Whether something happens."""
        return self.dice.randrange(100) < percent

    def some(self, words: Sequence[str], least: int = 0, most: int = 4) -> list[str]:
        """A few of them."""
        return [self.dice.choice(words) for _ in range(self.dice.randint(least, most))]

    def caps(self) -> frozenset[str]:
        """None, all, or some of the capabilities."""
        return (
            frozenset(cap for cap in CAPS if self.chance(share))
            if (share := self.dice.choice((0, 50, 90, 100)))
            else frozenset()
        )

    def irc(self) -> str:
        """A line of IRC. In the place of $L in it stands a label that was not used yet, of $ID the id of the message
        seen last."""
        if self.chance(4):
            line = self.dice.choice(_BROKEN)
            noise = self.dice.randbytes(40).replace(b"\n", b"").decode("utf-8", "surrogateescape")
            return line.replace("$RANDOM", noise)
        verb = self.dice.choice(_OFTEN if self.chance(50) else self._verbs)
        if verb in _SELDOM and self.chance(80):
            verb = "JOIN"
        params = self.some(WORDS, 0, 5) if self.chance(6) and verb != "QUIT" else self._params(verb)
        return self.dice.choice(_TAGS) + line_of(verb, params)

    def several(self) -> list[str]:
        """Lines that mean something one after the other."""
        room = self.dice.choice(_COMMON)
        lines = [line.replace("#a", room) for line in self.dice.choice(_TOGETHER)]
        return [line.replace("$T", self.dice.choice(TEXTS)) for line in lines if not self.chance(4)]

    def plain(self) -> str:
        """A line of somebody on a terminal."""
        if self.chance(25):
            return self.dice.choice(TEXTS)
        if self.chance(20):
            return self.dice.choice(
                ("/join #a", "/room moderated on", "/room limit 3", "/oper root secret", "/echo on")
            )
        command = self.dice.choice(self._commands)
        words = [self._params(command.upper()), self.some(WORDS), [self.dice.choice(NICKS), self.dice.choice(TEXTS)]]
        return f"/{'join' if command == 'quit' and self.chance(80) else command} {' '.join(self.dice.choice(words))}"

    def _params(self, verb: str) -> list[str]:
        special = getattr(self, f"_{verb.lower()}", None)
        if special is not None:
            return list(special())
        return self._by_form(VERBS[verb].form) if verb in VERBS else []

    def _by_form(self, form: str) -> list[str]:
        """As the form of a verb has them; now and then one less, or one more."""
        found = [self._place(name, form) for name in dict.fromkeys(_FIELD.findall(form))]
        what = self.dice.randrange(12)
        return found[:-1] if what == 0 else [*found, self.dice.choice(WORDS)] if what == 1 else found

    def _place(self, name: str, form: str) -> str:
        words = _PLACES.get(name, WORDS)
        if words is ROOMS and self.chance(70):
            words = _COMMON
        return ",".join(self.some(words, 1)) if f",<{name}>" in form and self.chance(40) else self.dice.choice(words)

    def _join(self) -> list[str]:
        if self.chance(3):
            return ["0"]
        return [
            ",".join(self.some(_COMMON if self.chance(70) else ROOMS, 1, 3)),
            self.dice.choice(("k", "secret,k", "")),
        ]

    def _mode(self) -> list[str]:
        if self.chance(15):
            return [
                self.dice.choice(NICKS),
                self.dice.choice(("+i", "-i", "+B", "-B", "+wRT-o", "+Zo", "-RT", "+x", "-w", "")),
            ]
        return self._samode()

    def _samode(self) -> list[str]:
        letters = "".join(self.some(LETTERS, 0, self.dice.choice((2, 6, 25))))
        values = self.some((*NICKS, *_NAMES, *_NAMES, *MASKS, "#lobby", "#a", "3", "1", "k"), 0, 6)
        return [self._place("channel", ""), self.dice.choice(("+", "+", "-", "")) + letters, *values]

    def _metadata(self) -> list[str]:
        subcommand = self.dice.choice(_METADATA)
        return [self.dice.choice(("*", "*", "#a", *NICKS, *ROOMS)), subcommand, *self.some((*KEYS, *TEXTS))]

    def _chathistory(self) -> list[str]:
        subcommand = self.dice.choice(_CHATHISTORY)
        targets = self.some((*_COMMON, *ROOMS, *NICKS), 1, 1) if subcommand != "TARGETS" else []
        return [subcommand, *targets, *self.some(_PLACES_THEN, 1, 2), self.dice.choice(("5", "1", "0", "-1", "99999"))]

    def _markread(self) -> list[str]:
        return [*self.some((*_COMMON, *ROOMS, *NICKS), 1, 1), *self.some(_PLACES_THEN, 0, 1)]

    def _cap(self) -> list[str]:
        if self.chance(60):
            return ["REQ", " ".join(self.dice.choice(("", "-")) + cap for cap in self.some(sorted(CAPS)))]
        return [
            self.dice.choice(("LS", "LIST", "END", "REQ", "NEW")),
            self.dice.choice(("302", "", "batch nothing", "x" * 400)),
        ]

    def _batch(self) -> list[str]:
        tag = self.dice.choice(("+1", "+1", "-1", "-1", "+2", "-2", "+", "1", "+é"))
        return [tag, *(["draft/multiline", self.dice.choice(("#a", "#a", "ada", "#lobby"))] if tag[0] == "+" else [])]

    def _monitor(self) -> list[str]:
        return [self.dice.choice("++-CLSX"), ",".join(self.some(NICKS, 1))]

    def _oper(self) -> list[str]:
        return ["root", self.dice.choice(("secret", "secret", "secret", "wrong"))]


def line_of(verb: str, params: Sequence[str]) -> str:
    """As a client would put it together; what cannot stand in the middle of a line becomes something else."""
    *middles, last = [verb, *params]
    return " ".join([*(middle or "*" for middle in middles), f":{last}" if params else last])
