"""AUTHENTICATE: logging in by SASL."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatproto.account import LONGEST_RESPONSE
from chatproto.accounts.site import SiteAccounts, SiteLogins
from chatproto.dialects.irc.verbs.sasl import CHUNK
from chatproto.interfaces import Peer
from tests.accounts.quick import FINGERPRINT
from tests.dialects.irc.network import Client, Network, finish
from tests.dialects.irc.signing_in import FAR, HERE, PASSWORD, SAFE, SHOWN, AccountsTestCase, S, base64, plain

IN = [f"{S} 900 * * ada :You are now logged in as ada", f"{S} 903 * :SASL authentication successful"]
WHY = "There is no such account, or that is not its password (or certificate)."
WRONG = f"{S} 904 * :SASL authentication failed: {WHY}"


class Offered(AccountsTestCase):
    """The capability."""

    def caps(self, peer: Peer, network: Network | None = None) -> list[str]:
        """Those that have to do with accounts, with their values."""
        lines = (network or self.network).connect(peer=peer).says("CAP LS 302")
        found = [cap for line in lines for cap in line.partition(" :")[2].split(" ")]
        return [cap for cap in found if cap.startswith(("sasl", "draft/account-r"))]

    def test_mechanisms(self) -> None:
        """Its value is what this client can use."""
        register = "draft/account-registration=before-connect,custom-account-name"
        for peer, mechanisms in (
            (FAR, "SCRAM-SHA-256"),
            (HERE, "SCRAM-SHA-256,PLAIN"),
            (SAFE, "SCRAM-SHA-256,PLAIN"),
            (SHOWN, "EXTERNAL,SCRAM-SHA-256,PLAIN"),
        ):
            self.assertEqual(self.caps(peer), [register, f"sasl={mechanisms}"])

    def test_none(self) -> None:
        """Where there are no accounts it is not offered, not given, and nobody can log in."""
        network = Network()
        self.assertEqual(self.caps(HERE, network), [])
        client = network.connect()
        self.assertEqual(client.says("CAP REQ sasl"), [f"{S} CAP * NAK :sasl"])
        self.assertEqual(
            client.says("AUTHENTICATE PLAIN"),
            [f"{S} 904 * :SASL authentication failed: There are no accounts here."],
        )

    def test_no_mechanism(self) -> None:
        """Where a site has its own passwords SASL is not there for those who would send them for others to read."""
        logins = self.accounts.logins
        self.network = Network(accounts=SiteAccounts(SiteLogins(logins, [], lambda name: (name, name), Clock())))
        self.assertEqual(self.caps(FAR), [])
        self.assertEqual(self.caps(HERE), ["sasl=PLAIN"])
        self.assertEqual(self.client(FAR).says("CAP REQ sasl"), [f"{S} CAP * NAK :sasl"])


class Exchanges(AccountsTestCase):
    """What is said and answered."""

    def test_plain(self) -> None:
        """A password lets in, before there is a nick."""
        client = self.client()
        self.assertEqual(client.says("CAP REQ sasl"), [f"{S} CAP * ACK :sasl"])
        self.assertEqual(client.says("AUTHENTICATE PLAIN"), [f"{S} AUTHENTICATE +"])
        self.assertEqual(client.says(f"AUTHENTICATE {plain('ada')}"), IN)
        client.send("NICK ada", "USER u 0 * :r", "CAP END")
        self.assertEqual(self.account(client), "ada")

    def test_any_case(self) -> None:
        """Mechanisms and names are known in any case."""
        client = self.client()
        self.assertEqual(client.says("AUTHENTICATE plain", f"AUTHENTICATE {plain('ADA')}")[1:], IN)

    def test_without_the_capability(self) -> None:
        """Old clients that do not ask for it are let in too."""
        self.assertEqual(self.client().says("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ada')}")[1:], IN)

    def test_scram(self) -> None:
        """A proof does, too, and where others read along."""
        self.assertEqual(self.scram(self.client(FAR), "ada"), IN)

    def test_external(self) -> None:
        """And so does a certificate that its owner has named."""
        self.successResultOf(Deferred.fromCoroutine(self.accounts.add_certificate("ada", FINGERPRINT)))
        for message in ("+", base64("ada")):
            self.assertEqual(self.client(SHOWN).says("AUTHENTICATE EXTERNAL", f"AUTHENTICATE {message}")[1:], IN)
        other = self.client(SHOWN).says("AUTHENTICATE EXTERNAL", f"AUTHENTICATE {base64('bob')}")
        self.assertEqual(other[1:], [WRONG])

    def test_wrong(self) -> None:
        """Who is not let in is told the same, whatever is wrong, and may try again."""
        client = self.client()
        for message in (plain("ada", "wrong"), plain("nobody"), plain("ada", "")):
            self.assertEqual(client.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {message}")[1:], [WRONG])
        self.assertEqual(self.scram(client, "ada", "wrong"), [WRONG])
        self.assertEqual(self.scram(client, "nobody"), [WRONG])
        self.assertEqual(self.client(SHOWN).says("AUTHENTICATE EXTERNAL", "AUTHENTICATE +")[1:], [WRONG])
        self.assertEqual(client.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ada')}")[1:], IN)

    def test_too_often(self) -> None:
        """Who tries too often is told so."""
        client = self.client()
        for _ in range(self.settings.attempts_per_account):
            client.send("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ada', 'wrong')}")
        (_, told) = client.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ada')}")
        self.assertRegex(told, r" 904 \* :SASL authentication failed: That was tried too often\. Try again in \d+ sec")

    def test_mechanisms(self) -> None:
        """A mechanism that is not there, or not for this client, is refused with those that are."""
        for peer, wanted, there in (
            (HERE, "FOO", "SCRAM-SHA-256,PLAIN"),
            (HERE, "EXTERNAL", "SCRAM-SHA-256,PLAIN"),
            (SHOWN, "+", "EXTERNAL,SCRAM-SHA-256,PLAIN"),
        ):
            first, second = self.client(peer).says(f"AUTHENTICATE {wanted}")
            self.assertEqual(first, f"{S} 908 * {there} :are available SASL mechanisms")
            self.assertTrue(second.startswith(f"{S} 904 * :SASL authentication failed: "), second)
        (told,) = self.client(FAR).says("AUTHENTICATE PLAIN")
        self.assertRegex(told, " 904 .*Passwords are taken over TLS only")

    def test_abort(self) -> None:
        """An asterisk ends it; where there is nothing to end it says the same."""
        client = self.client()
        aborted = f"{S} 906 * :SASL authentication aborted"
        self.assertEqual(client.says("AUTHENTICATE PLAIN", "AUTHENTICATE *")[1:], [aborted])
        self.assertEqual(client.says("AUTHENTICATE *"), [aborted])
        self.assertEqual(client.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ada')}")[1:], IN)

    def test_garbled(self) -> None:
        """What is no Base64, or no message of the mechanism, ends it."""
        for message in (
            "====",
            "a",
            "_x",
            "é",
            "AAAA:",
            "=",
            base64("no nulls"),
            base64(b"\0ada\0\xff"),
            "+",
            base64("\0\0\0\0"),
        ):
            client = self.client()
            first, second = client.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {message}")
            self.assertRegex(second, r" 904 \* :SASL authentication failed: That is no", message)
            self.assertEqual(client.says("AUTHENTICATE PLAIN"), [first])

    def test_labelled(self) -> None:
        """An answer that takes its time has the label."""
        client = self.client()
        client.send("CAP REQ :sasl labeled-response batch", "AUTHENTICATE PLAIN")
        begin, *lines, end = client.says(f"@label=x AUTHENTICATE {plain('ada')}")
        self.assertTrue(begin.startswith("@label=x "), begin)
        self.assertEqual([line.split(" ", 1)[1] for line in lines], IN)
        self.assertIn(" BATCH -", end)


class Chunks(AccountsTestCase):
    """Messages that come as several lines."""

    def send(self, client: Client, text: str) -> list[str]:
        """A message, cut as clients do it."""
        client.send("AUTHENTICATE PLAIN")
        chunks = [text[start : start + CHUNK] for start in range(0, len(text) + 1, CHUNK)]
        return client.says(*(f"AUTHENTICATE {each or '+'}" for each in chunks))

    def test_cut(self) -> None:
        """A message of 400 letters, or of a multiple of it, needs an empty line to end."""
        for size in (CHUNK - 4, CHUNK, CHUNK + 4, 2 * CHUNK):
            name = "x" * (size // 4 * 3 - 2 - 5)
            text = plain(name, "12345")
            self.assertEqual(len(text), size)
            self.assertEqual(self.send(self.client(), text), [WRONG])

    def test_whole(self) -> None:
        """What comes in several lines is put together."""
        client = self.client()
        client.send("AUTHENTICATE PLAIN")
        long = plain("ada", PASSWORD, "ada" + " " * 300)
        self.assertGreater(len(long), CHUNK)
        self.assertEqual(client.says(f"AUTHENTICATE {long[:CHUNK]}"), [])
        self.assertEqual(client.says(f"AUTHENTICATE {long[CHUNK:]}"), [WRONG])

    def test_too_long_a_line(self) -> None:
        """A line of 401 letters ends it."""
        client = self.client()
        client.send("AUTHENTICATE PLAIN")
        self.assertEqual(client.says(f"AUTHENTICATE {'A' * (CHUNK + 1)}"), [f"{S} 905 * :SASL message too long"])
        self.assertEqual(client.says("AUTHENTICATE PLAIN"), [f"{S} AUTHENTICATE +"])

    def test_too_long_a_message(self) -> None:
        """As many bytes as a message may have are looked at; one line more is not kept."""
        for extra, told in ((0, WRONG), (1, f"{S} 904 * :SASL authentication failed: That is no message of PLAIN.")):
            text = base64(b"\0" + b"x" * (LONGEST_RESPONSE - 3 + extra) + b"\0p")
            self.assertEqual(self.send(self.client(), text), [told])
        client = self.client()
        client.send("AUTHENTICATE PLAIN")
        got = client.says(*[f"AUTHENTICATE {'A' * CHUNK}"] * 7)
        self.assertEqual(got, [f"{S} 905 * :SASL message too long"])

    def test_long_challenge(self) -> None:
        """A challenge of the server is cut in the same way; one of 400 letters has an empty line behind it."""
        client = self.client()
        client.send("AUTHENTICATE PLAIN")
        for size, lengths in ((297, [396]), (300, [400, 1]), (303, [400, 4])):
            client.talk.state.clear()
            self.patch(self.accounts, "begin", lambda *_, size=size: Challenges(b"x" * size))
            got = client.says("AUTHENTICATE PLAIN", "AUTHENTICATE +")[1:]
            self.assertEqual([len(line.split()[-1]) for line in got], lengths)


class Challenges:
    """An exchange that asks one thing."""

    def __init__(self, challenge: bytes) -> None:
        self._challenge = challenge

    async def respond(self, response: bytes) -> bytes:
        """Ask it."""
        return self._challenge


class Registering(AccountsTestCase):
    """What it has to do with coming in."""

    def test_waits(self) -> None:
        """Who comes in while a login is under way is let in without it, and told so."""
        client = self.client()
        client.send("CAP REQ sasl", "NICK bob", "USER u 0 * :r", "AUTHENTICATE PLAIN")
        got = client.says("CAP END")
        self.assertEqual(got[0], f"{S} 906 * :SASL authentication aborted")
        self.assertIn(" 001 bob ", got[1])
        self.assertEqual(self.account(client), "")

    def test_name_of_an_account(self) -> None:
        """Only who is logged in to it can have its name, or one that looks like it; another may be had."""
        for nick in ("ada", "ADA", "аdа"):
            client = self.client()
            (told,) = client.says(f"NICK {nick}", "USER u 0 * :r")
            self.assertTrue(told.startswith(f"{S} 433 * {nick} :{nick} is "), told)
            self.assertIn("Log in if that is yours, or choose another name.", told)
            self.assertIn(" 001 bob ", client.says("NICK bob")[0])
            client.send("QUIT")
        self.assertEqual(self.logged_in("Ada").talk.nick, "Ada")

    def test_later(self) -> None:
        """It can be done again after that, and to another account: those who want to know are told."""
        finish(self.made("eve"))
        ada, bob = self.network.connect("bob"), self.network.connect("carl", ["account-notify"])
        self.network.room("#x", ada, bob)
        got = ada.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ada')}")
        self.assertEqual(got[1], f"{S} 900 bob bob!~bob@localhost ada :You are now logged in as ada")
        self.assertEqual(got[2], f"{S} 903 bob :SASL authentication successful")
        self.assertEqual(bob.got(), [":bob!~bob@localhost ACCOUNT ada"])
        self.assertEqual(ada.says("NICK ada"), [":bob!~bob@localhost NICK ada"])
        ada.send("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('eve')}")
        self.assertEqual(bob.got(), [":bob!~bob@localhost NICK ada", ":ada!~bob@localhost ACCOUNT eve"])

    def test_shown(self) -> None:
        """Others see it: in tags, on joining, in WHOIS and WHOX."""
        ada = self.logged_in("ada")
        bob = self.network.connect("bob", ["account-tag", "extended-join"])
        bob.send("JOIN #x")
        bob.got()
        ada.send("JOIN #x", "PRIVMSG #x :hi")
        self.assertEqual(
            bob.got(),
            ["@account=ada :ada!~u@localhost JOIN #x ada r", "@account=ada :ada!~u@localhost PRIVMSG #x :hi"],
        )
        self.assertIn(f"{S} 330 bob ada ada :is logged in as", bob.says("WHOIS ada"))
        self.assertIn(f"{S} 354 bob ada ada", bob.says("WHO ada %na"))

    def test_gone_meanwhile(self) -> None:
        """Who has gone before it is known who they are is not logged in, and nothing fails."""
        waiting: list[Deferred[Any]] = []

        def later(work: Any, *arguments: Any) -> Deferred[Any]:
            waiting.append(Deferred().addCallback(lambda _: work(*arguments)))
            return waiting[-1]

        self.build(defer=later)
        client = self.client()
        client.send("AUTHENTICATE PLAIN")
        answer = client.talk.line_received(f"AUTHENTICATE {plain('ada')}".encode())
        assert answer is not None
        done = Deferred.fromCoroutine(answer)
        client.talk.close("gone")
        client.got()
        waiting[-1].callback(None)
        self.successResultOf(done)
        self.assertEqual(client.got(), [])
        self.assertEqual(client.talk.session.account, "")
