"""Any bytes are a line of IRC or a `BadLine`, and what is put together is what is taken apart."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.message import Message, decode, join, middle, parse
from chatproto.errors import BadLine

# Random bytes are hardly ever a line: most are chosen among those that matter.
LINES = st.lists(
    st.sampled_from([b" ", b":", b"@", b";", b"=", b"\\", b"\\s", b"PING", b"a", b"\0", b"\r", b"\xc3\xa9", b"\xff"])
    | st.binary(max_size=3)
).map(b"".join)

CLEAN = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")
TEXTS = st.text(st.sampled_from(" :@;=\\") | CLEAN, max_size=20)
WORDS = TEXTS.filter(middle)
KEYS = st.text("+abz09/.-", min_size=1, max_size=8)
VALUES = st.text(st.sampled_from(" ;\\\r\ns:") | st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
PARAMS = st.one_of(
    st.just(()),
    st.tuples(st.lists(WORDS, max_size=20), TEXTS).map(lambda params: (*params[0], params[1])),
)
MESSAGES = st.builds(
    Message,
    verb=st.text("ABZ019", min_size=1, max_size=8) | st.sampled_from(["PRIVMSG", "TOPIC", "353"]),
    params=PARAMS,
    tags=st.dictionaries(KEYS, VALUES, max_size=5),
    source=st.just("") | TEXTS.filter(lambda text: " " not in text),
)


class AnyLine(SynchronousTestCase):
    """`decode`, `parse` and `join`, fed with anything."""

    @settings(max_examples=1000, deadline=None)
    @given(LINES)
    def test_nothing_but_bad_line(self, line: bytes) -> None:
        """Any bytes are a message that can be sent on, or a `BadLine`."""
        with contextlib.suppress(BadLine):
            message = parse(decode(line))
            self.assertTrue(middle(message.verb))
            self.assertTrue(all(map(middle, message.params[:-1])))

    @settings(max_examples=400, deadline=None)
    @given(MESSAGES)
    def test_there_and_back(self, message: Message) -> None:
        """A message that is put together is one line, and taken apart the same again."""
        line = join(message.verb, message.params, source=message.source, tags=message.tags)
        self.assertNotRegex(line, "[\r\n\0]")
        self.assertEqual(parse(line), message)
