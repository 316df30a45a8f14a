"""Settings from `chat.toml` and from flags, and the sentences for those that cannot be used."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import platformdirs
from twisted.trial.unittest import SynchronousTestCase

from chatproto.config import SECTIONS, BadSetting, Settings, all_settings, load, state_dir
from chatproto.setting import Declared, declared

EXAMPLE = Path(__file__).resolve().parents[1] / "etc" / "chat.toml"

NUMBERS = (int, float, int | None)

HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$dGhpcyBpcyBubyBoYXNo"


def numeric() -> Iterator[tuple[str, str, Any, Declared]]:
    """Every setting that is a number: its section, its name, its type and its range."""
    for section, each, kind in all_settings():
        if kind in NUMBERS:
            yield section, each.name, kind, declared(each)


def length_beside(name: str, value: float) -> str:
    """What else must be in the file for `name` to have that value: two bounds must lie above line_length, and
    memory is for each lane."""
    if name == "hash_memory":
        return "hash_lanes = 1"
    if name in ("endless_line", "input_waiting"):
        return f"line_length = {max(64, int(value) - 1)}" if value < 4097 else ""
    if name == "line_length":
        return f"endless_line = {int(value) + 1}\ninput_waiting = {int(value) + 1}"
    return ""


class Files(SynchronousTestCase):
    """Something to write settings files in."""

    def setUp(self) -> None:
        """An empty directory."""
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = Path(directory.name) / "chat.toml"

    def load(self, text: str | bytes, **flags: str | tuple[str, ...]) -> Settings:
        """The settings of a file with that content, with these flags."""
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(self.file, flags)

    def refusal(self, text: str | bytes, **flags: str | tuple[str, ...]) -> str:
        """The sentence that refuses it, without the name of the file: one line, and no more."""
        error = self.assertRaises(BadSetting, self.load, text, **flags)
        sentence = str(error)
        self.assertEqual(len(sentence.splitlines()), 1)
        self.assertIn(sentence[-1], ".?")
        return sentence.replace(str(self.file), "FILE")


class Values(Files):
    """What each setting can be."""

    def test_defaults(self) -> None:
        """Without a file and flags everything has its default; so it has with an empty file."""
        self.assertEqual(load(None, {}), Settings())
        self.assertEqual(self.load(""), Settings())

    def test_ranges(self) -> None:
        """Every number is taken at both ends of its range, from the file and from a flag, and has its type."""
        for section, name, kind, limits in numeric():
            for value in (limits.least, limits.most):
                assert value is not None
                wanted: float = value if kind is float else int(value)
                if name in ("endless_line", "input_waiting") and value == limits.least:
                    continue  # Below the least line_length: see Together.
                if name == "line_length" and value == limits.most:
                    wanted = int(value)
                text = f"[{section}]\n{length_beside(name, value)}\n"
                for settings in (
                    self.load(f"{text}{name} = {wanted}"),
                    self.load(text, **{name: str(wanted)}),
                ):
                    got = getattr(getattr(settings, section), name)
                    self.assertEqual(got, wanted)
                    self.assertIs(type(got), float if kind is float else int, name)

    def test_beyond_the_ranges(self) -> None:
        """Every number is refused right outside of its range, with the key and the range, from file and flag."""
        for section, name, kind, limits in numeric():
            assert limits.least is not None
            assert limits.most is not None
            below = (limits.least / 2 or -0.001) if kind is float else int(limits.least) - 1
            above = limits.most * 1.001 if kind is float else int(limits.most) + 1
            noun = "a number" if kind is float else "a whole number"
            for value in (below, above):
                end = f" = {value!r}: must be {noun} from {limits.least} to {limits.most}."
                self.assertEqual(self.refusal(f"[{section}]\n{name} = {value}"), f"FILE: [{section}] {name}{end}")
                flag = f"--{name.replace('_', '-')}"
                self.assertEqual(self.refusal("", **{name: str(value)}), flag + end)

    def test_names(self) -> None:
        """No two settings have the same name: their flags would be one."""
        names = [each.name for _, each, _ in all_settings()]
        self.assertEqual(sorted(names), sorted(set(names)))

    def test_every_number_has_a_range(self) -> None:
        """No number is without bounds."""
        for _, name, _, limits in numeric():
            self.assertIsNotNone(limits.least, name)
            self.assertIsNotNone(limits.most, name)

    def test_whole_numbers_as_fractions(self) -> None:
        """A setting that may have a fraction may be written without one."""
        settings = self.load("[connections]\nidle_seconds = 5")
        self.assertEqual(settings.connections.idle_seconds, 5.0)
        self.assertIs(type(settings.connections.idle_seconds), float)

    def test_wrong_type(self) -> None:
        """A value of another type is refused, with what it must be."""
        wrong = {int: ["1.5", "true", '"8"', "[]"], float: ["true", '"8"', "nan", "inf"], str: ["1", "[]", "true"]}
        for section, each, kind in all_settings():
            for value in wrong.get(kind, ['"text"', "1.5", "[1]"]):
                sentence = self.refusal(f"[{section}]\n{each.name} = {value}")
                self.assertRegex(sentence, rf"^FILE: \[{section}\] {each.name} = .*: must be a ")

    def test_wrong_text_in_a_flag(self) -> None:
        """A flag that is no number is refused as it was written."""
        for _, name, kind, _ in numeric():
            for text in ("many", "", "1.5" if kind is not float else "1,5"):
                self.assertIn(f" = {text!r}: must be a ", self.refusal("", **{name: text}))

    def test_absurd_numbers(self) -> None:
        """A number too large for any of Python's types is refused like any other."""
        digits = "9" * 400
        for sign in ("", "-"):
            for name in ("burst", "lines_per_second"):
                self.assertIn(
                    f"{name} = {sign}{digits}: must be", self.refusal(f"[connections]\n{name} = {sign}{digits}")
                )

    def test_texts(self) -> None:
        """Texts are taken as they are, of several lines too."""
        settings = self.load('[server]\ngreeting = """Hi\nä"""\nstate_dir = "/srv"')
        self.assertEqual((settings.server.greeting, settings.server.state_dir), ("Hi\nä", "/srv"))

    def test_lists(self) -> None:
        """Lists are arrays in the file; a flag has commas between names, or is given once for each listener."""
        settings = self.load('[rooms]\nreserved_names = ["a", "b"]\n[listen]\nlisten = ["tcp:1"]')
        self.assertEqual(settings.rooms.reserved_names, ("a", "b"))
        self.assertEqual(settings.listen.listen, ("tcp:1",))
        settings = self.load("", reserved_names="a,b,", listen=("tcp:1:interface=127.0.0.1,x", "tcp:2"))
        self.assertEqual(settings.rooms.reserved_names, ("a", "b"))
        self.assertEqual(settings.listen.listen, ("tcp:1:interface=127.0.0.1,x", "tcp:2"))

    def test_ports(self) -> None:
        """A port is a number or not given at all; there is no other way to say none."""
        self.assertIsNone(self.load("").listen.port)
        self.assertEqual(self.load("[listen]\nport = 0").listen.port, 0)


class Listeners(Files):
    """What is listened on, and for what."""

    def test_choices(self) -> None:
        """A word that no setting knows is refused with those that it can be, from the file and from a flag."""
        self.assertEqual(
            self.refusal('[listen]\ndialects = ["plain", "gopher"]'),
            "FILE: [listen] dialects = ['plain', 'gopher']: must be some of plain, irc, tls.",
        )
        self.assertEqual(
            self.refusal("", tls_dialects="irc,tls"), "--tls-dialects = ['irc', 'tls']: must be some of plain, irc."
        )
        self.assertEqual(
            self.refusal("", cleartext="nowhere"), "--cleartext = 'nowhere': must be one of anywhere, loopback."
        )
        for word in ("anywhere", "loopback"):
            self.assertEqual(self.load("", cleartext=word).listen.cleartext, word)

    def test_no_dialect_at_all(self) -> None:
        """A port that takes nothing is a mistake."""
        for name in ("dialects", "tls_dialects"):
            sentence = f"FILE: [listen] {name} must name at least one."
            self.assertEqual(self.refusal(f"[listen]\n{name} = []"), sentence)

    def test_words_before_an_endpoint(self) -> None:
        """What stands before the first = is the dialects if it is nothing else; all are taken otherwise."""
        every = ("plain", "irc", "tls")
        for entry, takes, endpoint in (
            ("irc,tls=tcp:6667:interface=127.0.0.1", ("irc", "tls"), "tcp:6667:interface=127.0.0.1"),
            ("plain=unix:/run/chat.sock", ("plain",), "unix:/run/chat.sock"),
            ("tcp:7002:interface=127.0.0.1", every, "tcp:7002:interface=127.0.0.1"),
            ("unix:/run/chat.sock", every, "unix:/run/chat.sock"),
            ("irc", every, "irc"),
        ):
            self.assertEqual(self.load("", listen=(entry,)).listen.endpoints(), [(takes, endpoint)])

    def test_other_words_before_an_endpoint(self) -> None:
        """A word that is no dialect is refused, with those there are."""
        for entry, word in (("irk=tcp:7009", "irk"), ("irc,ssh=tcp:1", "ssh"), ("irc,=tcp:1", ""), ("=tcp:1", "")):
            self.assertEqual(
                self.refusal("", listen=(entry,)),
                f"the command line: [listen] listen = {entry!r}: {word!r} is no dialect; there are: plain, irc, tls.",
            )

    def test_one_number_for_two_ports(self) -> None:
        """One number cannot be both ports, the default one included, unless the system chooses."""
        for flags in ({"port": "7009", "tls_port": "7009"}, {"port": "1", "tls_port": "1", "dialects": "irc"}):
            number = flags["port"]
            self.assertEqual(
                self.refusal("", **flags),
                f"the command line: [listen] port and tls_port cannot both be {number}; port takes TLS as well.",
            )
        self.assertEqual(self.load("", port="0", tls_port="0").listen.tls_port, 0)
        self.assertEqual(self.load("", tls_port="7000").listen.tls_port, 7000)

    def test_policy_without_tls(self) -> None:
        """A policy to come by TLS is refused where no listener takes it."""
        end = ": [irc] sts_seconds is for TLS, which no listener takes."
        self.assertEqual(self.refusal("", sts_seconds="60", dialects="plain,irc"), f"the command line{end}")
        self.assertEqual(self.refusal("[irc]\nsts_seconds = 60", listen=("irc=tcp:1",)), f"FILE{end}")
        for flags in ({}, {"tls_port": "1"}, {"listen": ("tls=tcp:1",)}):  # type: dict[str, Any]
            self.assertEqual(self.load("", sts_seconds="60", **flags).irc.sts_seconds, 60)
        self.assertEqual(self.load("", sts_seconds="0", dialects="irc").irc.sts_seconds, 0)

    def test_tls_after_a_greeting(self) -> None:
        """Plain lines that are greeted at once leave no time for TLS: that is refused where a listener is said to take
        both, and where a certificate or a policy could be for no other."""
        end = "[connections] sniff_seconds = 0 leaves TLS no time: it needs a listener without plain lines."
        both: tuple[dict[str, Any], ...] = (
            {"dialects": "plain,tls"},
            {"dialects": "tls,plain,irc"},
            {"listen": ("irc=tcp:1", "plain,tls=tcp:2")},
            {"dialects": "plain,tls", "port": "1", "tls_port": "2"},
            {"cert": "a.pem"},
            {"sts_seconds": "60"},
            {"cert": "a.pem", "listen": ("tcp:1", "irc=tcp:2")},
        )
        for flags in both:
            self.assertEqual(self.refusal("", sniff_seconds="0", **flags), f"the command line: {end}")
            self.assertEqual(self.load("", sniff_seconds="0.001", **flags).connections.sniff_seconds, 0.001)
        apart: tuple[dict[str, Any], ...] = (
            {},
            {"dialects": "plain,irc"},
            {"dialects": "irc,tls", "cert": "a.pem", "sts_seconds": "60"},
            {"port": "1", "tls_port": "2", "cert": "a.pem", "sts_seconds": "60"},
            {"listen": ("tcp:1", "irc,tls=tcp:2"), "cert": "a.pem"},
            {"dialects": "plain,tls", "listen": ("tcp:1",)},
        )
        for flags in apart:
            self.assertEqual(self.load("", sniff_seconds="0", **flags).connections.sniff_seconds, 0)
        self.assertEqual(
            self.refusal('[listen]\ndialects = ["plain", "tls"]', sniff_seconds="0"),
            f"FILE and the command line: {end}",
        )

    def test_port_by_default(self) -> None:
        """Port 7000 is open where no listener at all is asked for."""
        self.assertEqual(self.load("").listen.open_port, 7000)
        self.assertEqual(self.load("", port="0", tls_port="1").listen.open_port, 0)
        self.assertIsNone(self.load("", tls_port="1").listen.open_port)
        self.assertIsNone(self.load("", listen=("tcp:1",)).listen.open_port)

    def test_who_asks_for_tls(self) -> None:
        """TLS is asked for by its port, by a certificate, or by its name; not by the dialects there are by default."""
        for asks, flags in (
            (False, {}),
            (False, {"port": "0", "listen": ("tcp:1", "irc=tcp:2"), "dialects": "plain,irc"}),
            (False, {"dialects": "irc,tls", "listen": ("tcp:1",)}),
            (True, {"dialects": "irc,tls"}),
            (True, {"tls_port": "0"}),
            (True, {"cert": "a.pem"}),
            (True, {"listen": ("irc,tls=tcp:1",)}),
        ):
            self.assertIs(self.load("", **flags).listen.asks_for_tls(), asks, flags)


class Together(Files):
    """The file and flags, and settings that must fit to each other."""

    def test_flags_win(self) -> None:
        """A flag wins over the file; the rest of the file counts."""
        settings = self.load("[connections]\nburst = 5\nline_length = 100", burst="7")
        self.assertEqual((settings.connections.burst, settings.connections.line_length), (7, 100))

    def test_flags_win_over_lists(self) -> None:
        """Listeners of the command line stand in the place of those in the file."""
        settings = self.load('[listen]\nlisten = ["tcp:1"]', listen=("tcp:2",))
        self.assertEqual(settings.listen.listen, ("tcp:2",))

    def test_bad_value_under_a_flag(self) -> None:
        """What is wrong in the file is told even if a flag wins over it."""
        self.assertIn("FILE: [connections] burst = 0", self.refusal("[connections]\nburst = 0", burst="7"))

    def test_line_length(self) -> None:
        """What bounds unfinished or waiting input must be more than a line, and one byte more is enough."""
        for name in ("endless_line", "input_waiting"):
            for value, good in ((99, False), (100, False), (101, True)):
                text = f"[connections]\nline_length = 100\n{name} = {value}"
                if good:
                    self.assertEqual(getattr(self.load(text).connections, name), value)
                else:
                    self.assertEqual(
                        self.refusal(text), f"FILE: [connections] {name} must be more than line_length, which is 100."
                    )

    def test_certificate_without_a_listener(self) -> None:
        """A certificate that nobody would be shown is a mistake, and so is a key without its certificate."""
        unused = "the command line: [listen] cert and key are for TLS, which no listener takes."
        self.assertEqual(self.refusal("", cert="a.pem", dialects="plain,irc"), unused)
        self.assertEqual(self.refusal("", key="a.pem", dialects="irc"), unused)
        self.assertEqual(self.refusal("", cert="a.pem", listen=("irc=tcp:1", "plain,irc=tcp:2")), unused)
        alone = "the command line: [listen] key needs the cert that it is the key of."
        self.assertEqual(self.refusal("", key="a.pem", tls_port="0"), alone)
        for flags in (
            {"tls_port": "0", "dialects": "irc"},
            {},
            {"port": "0", "dialects": "tls"},
            {"dialects": "plain", "listen": ("irc,tls=tcp:1",)},
            {"dialects": "plain", "listen": ("tcp:1",)},
        ):
            self.assertEqual(self.load("", cert="a.pem", **flags).listen.cert, "a.pem")

    def test_where_it_is_said(self) -> None:
        """The sentence names the places where the two were said."""
        long = "[connections]\nline_length = 100000"
        end = ": [connections] endless_line must be more than line_length, which is 100000."
        self.assertEqual(self.refusal(long), f"FILE{end}")
        self.assertEqual(self.refusal(long, burst="5"), f"FILE and the command line{end}")
        self.assertEqual(self.refusal("", line_length="100000", burst="5"), f"the command line{end}")


class Sources(Files):
    """Files that cannot be read, and what is in them that nobody knows."""

    def test_missing(self) -> None:
        """A file that is not there, or is none, is told with the system's reason."""
        error = self.assertRaises(BadSetting, load, self.file, {})
        self.assertEqual(str(error), f"{self.file}: cannot be read: No such file or directory.")
        error = self.assertRaises(BadSetting, load, self.file.parent, {})
        self.assertEqual(str(error), f"{self.file.parent}: cannot be read: Is a directory.")

    def test_not_toml(self) -> None:
        """What is not TOML is told with the place."""
        self.assertRegex(self.refusal("[server\n"), r"^FILE: is not TOML: .*line 1.*\.$")
        self.assertRegex(self.refusal("[server]\ngreeting = Hi"), r"^FILE: is not TOML: .*line 2.*\.$")

    def test_not_utf8(self) -> None:
        """What is not UTF-8 is told so."""
        self.assertEqual(self.refusal(b'[server]\ngreeting = "\xe4"'), "FILE: is not UTF-8.")

    def test_absurd_files(self) -> None:
        """Thousands of digits or brackets are no reason for a traceback."""
        for text in ("[connections]\nburst = " + "9" * 5000, "a = " + "[" * 5000):
            self.assertTrue(self.refusal(text).startswith("FILE: is not TOML: "))

    def test_unknown_section(self) -> None:
        """An unknown section is refused, with the one that was meant or all there are."""
        self.assertEqual(self.refusal("[sever]"), "FILE: [sever] is no section; did you mean [server]?")
        self.assertEqual(
            self.refusal("[database]"),
            f"FILE: [database] is no section; there are: {', '.join(f'[{each}]' for each in SECTIONS)}, [operators].",
        )

    def test_no_section(self) -> None:
        """A setting outside of a section, and a section that is none, are refused."""
        self.assertEqual(self.refusal("port = 7000"), "FILE: port stands in no section: it belongs into [listen].")
        self.assertRegex(self.refusal("[port]"), r"^FILE: \[port\] is no section; ")
        self.assertRegex(self.refusal("zzz = 1"), r"^FILE: \[zzz\] is no section; ")
        self.assertEqual(self.refusal("server = 1"), "FILE: server = 1: must be a section, begun by a line [server].")
        self.assertIn("must be a section", self.refusal("[[server]]"))

    def test_unknown_setting(self) -> None:
        """An unknown setting is refused, with the one that was meant or all there are."""
        self.assertEqual(
            self.refusal("[connections]\nline_lenght = 3"),
            "FILE: [connections] line_lenght is no setting; did you mean line_length?",
        )
        self.assertEqual(
            self.refusal("[server]\nzzz = 3"), "FILE: [server] zzz is no setting; there are: greeting, state_dir."
        )

    def test_setting_of_another_section(self) -> None:
        """A setting in the wrong section is refused, with the one that it belongs into."""
        for section, key, home in (("server", "port", "listen"), ("listen", "lines_per_second", "connections")):
            self.assertEqual(
                self.refusal(f"[{section}]\n{key} = 7000"),
                f"FILE: {key} stands in [{section}]: it belongs into [{home}].",
            )


class Operators(Files):
    """The section of operators: names of people, and hashes."""

    def test_none(self) -> None:
        """Without the section, or with an empty one, there are none."""
        self.assertEqual(self.load("").operators, {})
        self.assertEqual(self.load("[operators]").operators, {})

    def test_some(self) -> None:
        """Every name is kept as it is written, with its hash; one may look like a setting."""
        text = f'[operators]\nada = "{HASH}"\nAda = "{HASH}x"\nport = "{HASH}"\n"ä-b" = "{HASH}"'
        self.assertEqual(self.load(text).operators, {"ada": HASH, "Ada": f"{HASH}x", "port": HASH, "ä-b": HASH})

    def test_no_flag(self) -> None:
        """The section is no setting: it cannot be a flag."""
        self.assertNotIn("operators", [each.name for _, each, _ in all_settings()])
        self.assertEqual(self.load("", operators="ada").operators, {})

    def test_no_word(self) -> None:
        """A name that is not one word is refused: nobody could give it."""
        for name in ("two words", "", " ada", "ada ", "a\\tb", ":ada"):
            self.assertEqual(
                self.refusal(f'[operators]\n"{name}" = "{HASH}"'),
                f"FILE: [operators] {name.encode().decode('unicode_escape')!r}: "
                "must be one word, and not begin with a colon.",
            )

    def test_no_hash(self) -> None:
        """What is no hash is refused with what makes one, and is not repeated: it may be a password."""
        for value in ('"secret"', '""', "1", "[]", "{}", f'"{HASH} "', f'"x{HASH}"', f'["{HASH}"]'):
            self.assertEqual(
                self.refusal(f'[operators]\nada = "{HASH}"\nbob = {value}'),
                "FILE: [operators] bob: must be what twistd chat --hash-password prints.",
            )

    def test_no_section(self) -> None:
        """Operators that are no section are refused."""
        self.assertEqual(
            self.refusal("operators = 1"), "FILE: operators = 1: must be a section, begun by a line [operators]."
        )


class StateDirectory(SynchronousTestCase):
    """Where what lasts is kept."""

    def test_order(self) -> None:
        """The setting counts first, then the first of systemd's directories, then the user's own."""
        chosen = Settings(server=dataclasses.replace(Settings().server, state_dir="/srv/chat"))
        environment = {"STATE_DIRECTORY": "/var/lib/chatproto:/var/lib/other"}
        self.assertEqual(state_dir(chosen, environment), Path("/srv/chat"))
        self.assertEqual(state_dir(Settings(), environment), Path("/var/lib/chatproto"))
        self.assertEqual(state_dir(Settings(), {}), platformdirs.user_state_path("chatproto"))
        self.assertEqual(state_dir(Settings(), {"STATE_DIRECTORY": ""}), platformdirs.user_state_path("chatproto"))

    def test_not_made(self) -> None:
        """To ask where it is does not make it."""
        with TemporaryDirectory() as directory:
            asked = state_dir(Settings(), {"STATE_DIRECTORY": f"{directory}/chat"})
            self.assertFalse(asked.exists())


class Example(SynchronousTestCase):
    """etc/chat.toml shows everything."""

    def setUp(self) -> None:
        """Read it."""
        self.text = EXAMPLE.read_text(encoding="utf-8")
        self.tables = tomllib.loads(self.text)

    def test_loads(self) -> None:
        """It changes nothing."""
        self.assertEqual(load(EXAMPLE, {}), Settings())

    def test_every_setting(self) -> None:
        """Every setting stands in it, in order, with its exact default, or behind a # if that is none; no others do."""
        shown = re.findall(r"^(?:# )?([a-z_]+) = |^\[([a-z]+)\]$", self.text, re.MULTILINE)
        wanted: list[tuple[str, str]] = []
        for section, each, _ in all_settings():
            if ("", section) not in wanted:
                wanted.append(("", section))
            wanted.append((each.name, ""))
            if each.default is None:
                self.assertNotIn(each.name, self.tables[section])
                self.assertRegex(self.text, rf"(?m)^# {each.name} = \S")
            else:
                value = self.tables[section][each.name]
                self.assertEqual(tuple(value) if isinstance(value, list) else value, each.default)
                self.assertIs(type(value), list if isinstance(each.default, tuple) else type(each.default))
        self.assertEqual(shown, [*wanted, ("", "operators"), ("ada", "")])

    def test_reasons(self) -> None:
        """A comment stands before every setting; cert and key share one."""
        for _, each, _ in all_settings():
            if each.name != "key":
                self.assertRegex(self.text, rf"(?m)^# [^\n]+\n(?:# )?{each.name} = ")

    def test_documented_values_work(self) -> None:
        """What stands behind a # works when the # is taken away."""
        with TemporaryDirectory() as directory:
            file = Path(directory) / "chat.toml"
            file.write_text(re.sub(r"(?m)^# ([a-z_]+ = )", r"\1", self.text), encoding="utf-8")
            settings = load(file, {})
        self.assertEqual((settings.listen.port, settings.listen.tls_port), (7000, 7001))
        self.assertEqual(list(settings.operators), ["ada"])
