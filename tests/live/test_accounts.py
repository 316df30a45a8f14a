"""Accounts: made with nc, logged in to with irssi and WeeChat by each SASL mechanism, and by certificates."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.live.clients import Irssi, Program, Weechat
from tests.live.harness import PATIENCE, UNHURRIED, Server, Terminal, nc, program, s_client, wait_for

PASSWORD = "correct-horse-battery"
HELLO = "-- Hello, {}. What you type is said to everyone in the room; /help lists the commands."
WRONG = "!! There is no such account, or that is not its password (or certificate)."


class SaslIrssi(Irssi):
    """irssi that logs in."""

    def __init__(self, port: int, mechanism: str, certificate: Path | None = None) -> None:
        self._mechanism = mechanism
        self._certificate = certificate
        super().__init__(port, tls=certificate is not None)

    def _config(self, port: int, tls: str) -> str:
        sasl = f'sasl_mechanism = "{self._mechanism}"; sasl_username = "ada"; sasl_password = "{PASSWORD}";'
        shown = f'tls_cert = "{self._certificate}"; use_tls' if self._certificate else "use_tls"
        config = super()._config(port, tls).replace('type = "IRC";', f'type = "IRC"; {sasl}')
        return config.replace("use_tls", shown, 1)


class SaslWeechat(Weechat):
    """WeeChat that does."""

    def __init__(self, port: int, mechanism: str, certificate: Path | None = None) -> None:
        self._mechanism = mechanism
        self._certificate = certificate
        super().__init__(port, tls=certificate is not None)

    def _settings(self, port: int, tls: str) -> list[str]:
        found = super()._settings(port, tls)
        chosen = {"sasl_mechanism": self._mechanism, "sasl_username": "ada", "sasl_password": PASSWORD}
        if self._certificate:
            chosen |= {"ssl_cert": str(self._certificate), "tls_cert": str(self._certificate)}
        place = found.index("/connect live")
        return (
            found[:place] + [f"/set irc.server.live.{name} {value}" for name, value in chosen.items()] + found[place:]
        )


class AccountsTests(SynchronousTestCase):
    """A server where ada makes an account first, with nc."""

    def setUp(self) -> None:
        """She does, and leaves; bob stays."""
        for name in ("nc", "openssl"):
            program(name)
        self.server = Server(*UNHURRIED, tls=True)
        self.addCleanup(self.server.__exit__, None, None, None)
        self.addCleanup(lambda: self.assertNotIn(PASSWORD, self.server.log()))
        self.bob = self.terminal(nc(self.server.port))
        self.bob.enter("bob")
        ada = self.terminal(nc(self.server.port))
        ada.enter("ada")
        ada.say(f"/register {PASSWORD}")
        ada.until("-- ada is your account now, and you are logged in.")
        ada.say("/quit")
        ada.until("-- Goodbye.")
        self.bob.until("-- ada quit")

    def terminal(self, terminal: Terminal) -> Terminal:
        """It is closed in the end."""
        self.addCleanup(terminal.close)
        return terminal

    def certificate(self) -> Path:
        """One with its key, in a file."""
        file = self.server.directory / "ada.pem"
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=ada"]
        subprocess.run(
            [*made, "-keyout", file, "-out", f"{file}.cert"], capture_output=True, timeout=PATIENCE, check=True
        )
        file.write_bytes(file.read_bytes() + Path(f"{file}.cert").read_bytes())
        return file

    def is_logged_in(self, client: Program) -> None:
        """bob sees that ada is here, and logged in."""
        self.addCleanup(client.close)
        wait_for(self._there, lambda: "\n".join([*client.lines(), client.screen(), self.server.log()]))

    def _there(self) -> bool:
        self.bob.say("/whois ada", "/topic")
        return "--   account: ada" in self.bob.until("-- #lobby has no topic.")

    def add_certificate(self, file: Path) -> None:
        """By NickServ, from a connection that shows it."""
        command = [program("openssl"), "s_client", "-quiet", "-verify_quiet", "-cert", str(file), "-connect"]
        ada = self.terminal(Terminal(*command, f"127.0.0.1:{self.server.tls_port}"))
        sent = b64encode(f"\0ada\0{PASSWORD}".encode()).decode()
        ada.say("CAP REQ sasl", "NICK ada", "USER ada 0 * :ada", "AUTHENTICATE PLAIN", f"AUTHENTICATE {sent}")
        ada.say("CAP END", "NS CERT ADD", "PING :done")
        told = ada.until(":chatproto.local PONG chatproto.local done")[-1]
        self.assertIn("That certificate lets you in now: ", told)
        ada.say("QUIT")
        while ada.line() is not None:
            pass


class ByHand(AccountsTests):
    """With nc and openssl."""

    def test_again(self) -> None:
        """Nobody else comes in under that name; who knows the password does, also over TLS."""
        ada = self.terminal(nc(self.server.port))
        ada.say("ada")
        ada.until(
            "!! ada is registered. Log in if that is yours, or choose another name. To log in: /login ada PASSWORD"
        )
        ada.say("/login ada wrong")
        ada.until(WRONG)
        ada.say(f"/login ada {PASSWORD}")
        ada.until(HELLO.format("ada"))
        self.assertTrue(self._there())
        ada.say(f"/password {PASSWORD} {PASSWORD}-2", "/quit")
        ada.until("-- Your password is changed.")
        ada.until("-- Goodbye.")
        late = self.terminal(s_client(self.server.tls_port))
        late.say(f"/login ada {PASSWORD}", f"/login ada {PASSWORD}-2")
        late.until(WRONG)
        late.until(HELLO.format("ada"))


class IrssiTests(AccountsTests):
    """With irssi."""

    def setUp(self) -> None:
        """It needs a terminal."""
        for name in ("irssi", "tmux"):
            program(name)
        super().setUp()

    def test_plain(self) -> None:
        """By password."""
        self.is_logged_in(SaslIrssi(self.server.port, "PLAIN"))

    def test_external(self) -> None:
        """By certificate."""
        file = self.certificate()
        self.add_certificate(file)
        self.is_logged_in(SaslIrssi(self.server.tls_port, "EXTERNAL", file))


class WeechatTests(AccountsTests):
    """With WeeChat."""

    def setUp(self) -> None:
        """It needs no terminal."""
        program("weechat-headless")
        super().setUp()

    def test_plain(self) -> None:
        """By password."""
        self.is_logged_in(SaslWeechat(self.server.port, "plain"))

    def test_scram(self) -> None:
        """By a proof that one knows it."""
        self.is_logged_in(SaslWeechat(self.server.port, "scram-sha-256"))

    def test_external(self) -> None:
        """By certificate, on the port where others are in cleartext."""
        file = self.certificate()
        self.add_certificate(file)
        self.is_logged_in(SaslWeechat(self.server.port, "external", file))
