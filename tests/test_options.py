"""The command line of `twistd chat`."""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import redirect_stdout

from argon2 import PasswordHasher

from chatproto import __version__
from chatproto.config import Settings, all_settings
from chatproto.setting import declared
from tests.command_line import CommandLine


class Flags(CommandLine):
    """Every setting is a flag."""

    def test_no_flags(self) -> None:
        """Without any, everything has its default."""
        self.assertEqual(self.settings(), Settings())

    def test_every_setting(self) -> None:
        """Every setting can be given as a flag of its name with dashes; the value it has already changes nothing."""
        for section, each, kind in all_settings():
            flag = f"--{each.name.replace('_', '-')}"
            if each.default is None:
                self.assertEqual(getattr(getattr(self.settings(flag, "1"), section), each.name), 1)
            elif declared(each).choices and isinstance(each.default, tuple):
                given = getattr(getattr(self.settings(flag, "plain"), section), each.name)
                self.assertEqual(given, ("plain",))
            elif isinstance(each.default, tuple):
                given = getattr(getattr(self.settings(flag, "one"), section), each.name)
                self.assertEqual(given, ("one",))
            else:
                self.assertEqual(self.settings(f"{flag}={each.default}"), Settings(), kind)

    def test_listen_many_times(self) -> None:
        """--listen can be given many times, and keeps the order."""
        self.assertEqual(
            self.settings("--listen", "tcp:1", "--listen", "unix:/x,y").listen.listen, ("tcp:1", "unix:/x,y")
        )

    def test_auth_many_times(self) -> None:
        """So can --auth."""
        chosen = self.settings("--auth", "memory:a,b:c", "--auth", "unix").accounts.auth
        self.assertEqual(chosen, ("memory:a,b:c", "unix"))

    def test_config(self) -> None:
        """--config, or -c, names a file; flags win over it."""
        file = self.directory / "chat.toml"
        file.write_text("[connections]\nburst = 5\nper_address = 7\n", encoding="utf-8")
        for flag in ("--config", "-c"):
            settings = self.settings(flag, str(file), "--burst", "6")
            self.assertEqual((settings.connections.burst, settings.connections.per_address), (6, 7))

    def test_wrong(self) -> None:
        """What is wrong on the command line or in the file ends the program with one sentence and status 1."""
        self.assertEqual(self.refusal("--nope"), "option --nope not recognized; see twistd chat --help")
        self.assertEqual(self.refusal("--port"), "option --port requires argument; see twistd chat --help")
        self.assertEqual(self.refusal("7000"), "Unknown command: 7000; see twistd chat --help")
        self.assertEqual(self.refusal("--port", "x"), "--port = 'x': must be a whole number from 0 to 65535.")
        file = self.directory / "chat.toml"
        self.assertEqual(self.refusal("--config", str(file)), f"{file}: cannot be read: No such file or directory.")
        file.write_text("[server]\nzzz = 'x'", encoding="utf-8")
        self.assertEqual(
            self.refusal("--config", str(file)),
            f"{file}: [server] zzz is no setting; there are: greeting, state_dir.",
        )
        file.write_text("[server]\nmotd = 'x'", encoding="utf-8")
        self.assertEqual(
            self.refusal("--config", str(file)), f"{file}: motd stands in [server]: it belongs into [irc]."
        )

    def test_version(self) -> None:
        """--version prints it and exits with status 0."""
        with redirect_stdout(io.StringIO()) as out:
            error = self.assertRaises(SystemExit, self.options, "--version")
        self.assertEqual((error.code, out.getvalue()), (0, f"chatproto {__version__}\n"))


class Auth(CommandLine):
    """Who says who somebody is."""

    def told(self, *arguments: str) -> str:
        """What is printed, with status 0."""
        with redirect_stdout(io.StringIO()) as out:
            error = self.assertRaises(SystemExit, self.options, *arguments)
        self.assertEqual(error.code, 0)
        return out.getvalue()

    def test_help(self) -> None:
        """The types that know names and passwords are listed, and each is explained."""
        listed = self.told("--help-auth")
        for kind in ("file", "memory", "unix"):
            self.assertRegex(listed, rf"(?m)^  {kind} *\t")
        self.assertNotIn("anonymous", listed)
        self.assertIn("username:password", self.told("--help-auth-type", "file"))
        refusal = self.refusal("--help-auth-type", "nothing")
        self.assertEqual(refusal, "Invalid auth type: nothing; see twistd chat --help")

    def test_refused(self) -> None:
        """What cannot be used ends the start with a sentence."""
        for description, why in (
            ("nothing", "is of no type that there is; twistd chat --help-auth lists them."),
            ("file", "cannot be used: 'file' requires a filename."),
            ("memory:odd", "cannot be used: "),
            ("anonymous", "knows no names with passwords."),
        ):
            self.assertIn(f"auth: {description!r} {why}", self.refusal("--auth", description, "--store", "memory"))


class HashPassword(CommandLine):
    """`twistd chat --hash-password`, reading the password from a program. A terminal is for tests/live/."""

    def hash_password(self, octets: bytes) -> tuple[object, str]:
        """The status, or the sentence that means status 1, and what is printed, if that is what can be read."""
        self.patch(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))
        with redirect_stdout(io.StringIO()) as out:
            error = self.assertRaises(SystemExit, self.options, "--hash-password")
        return error.code, out.getvalue()

    def test_password(self) -> None:
        """Its hash is printed on a line, and the status is 0. The line's end is no part of it, but its blanks are."""
        for octets, password in (
            (b"secret\n", "secret"),
            (b"secret\r\n", "secret"),
            (b" secret ", " secret "),
            ("schlüssel\nmore\n".encode(), "schlüssel"),
        ):
            status, out = self.hash_password(octets)
            self.assertEqual((status, out[-1]), (0, "\n"))
            self.assertTrue(PasswordHasher().verify(out[:-1], password))

    def test_refused(self) -> None:
        """None, one that is too long, and one that is no text, are refused with a sentence."""
        for octets in (b"", b"\n", b"\r\n", b"\nsecret"):
            self.assertEqual(self.hash_password(octets), ("twistd chat: an empty password protects nothing.", ""))
        too_long = "twistd chat: a password has 1024 bytes at most, not 1025."
        self.assertEqual(self.hash_password(b"x" * 1025 + b"\n"), (too_long, ""))
        self.assertEqual(self.hash_password(b"\xe4\n"), ("twistd chat: a password is text in UTF-8.", ""))

    def test_for_the_settings(self) -> None:
        """What it prints is what [operators] takes."""
        _, out = self.hash_password(b"secret\n")
        file = self.directory / "chat.toml"
        file.write_text(f'[operators]\nada = "{out.strip()}"', encoding="utf-8")
        self.assertEqual(self.settings("--config", str(file)).operators, {"ada": out.strip()})


class Help(CommandLine):
    """`twistd chat --help`."""

    def setUp(self) -> None:
        """Read it."""
        super().setUp()
        self.patch(os, "environ", {**os.environ, "COLUMNS": "80"})
        with redirect_stdout(io.StringIO()) as out:
            error = self.assertRaises(SystemExit, self.options, "--help")
        self.assertEqual(error.code, 0)
        self.page = out.getvalue()
        self.words = " ".join(self.page.split())

    def test_what_it_is(self) -> None:
        """It says what the program is, how to use it and where all settings can stand."""
        for phrase in (
            "[options]",
            "A chat server",
            "nc, telnet, openssl s_client",
            "/help",
            "a flag wins over the file",
        ):
            self.assertIn(phrase, self.words)

    def test_every_setting(self) -> None:
        """It has every setting with its meaning and its default, and no line that is too long for a terminal."""
        for _, each, _ in all_settings():
            self.assertIn(f" --{each.name.replace('_', '-')}= {declared(each).meaning}", self.words)
            if each.default not in (None, "", ()):
                default = ", ".join(each.default) if isinstance(each.default, tuple) else each.default
                self.assertIn(f"{declared(each).meaning} [default: {default}]", self.words)
        self.assertIn("-c, --config= ", self.words)
        self.assertEqual([line for line in self.page.splitlines() if len(line) > 80], [])

    def test_no_others(self) -> None:
        """It has nothing else but help, version, config, what hashes a password, and what lists the types of --auth."""
        shown = set(re.findall(r"(?m)^ +(?:-\w, )?--([a-z-]+)", self.page))
        known = {each.name.replace("_", "-") for _, each, _ in all_settings()}
        self.assertEqual(shown, known | {"help", "version", "config", "hash-password", "help-auth", "help-auth-type"})
