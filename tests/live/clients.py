"""The IRC clients that people have, driven as people drive them: what they type goes in, and what they see is read."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from types import MappingProxyType

from tests.live.harness import PATIENCE, Socket, program, wait_for

_PLACE = re.compile(r"^\d\d:\d\d[ \t]?(#\S+: )?")
"""What stands before a line in a log: the time, and in irssi's, which is one for all windows, at times the room."""


class Irc(Socket):
    """A scripted IRC client: lines in, lines out."""

    def register(self, nick: str, *caps: str, password: str = "") -> None:
        """Negotiate, give a nick, and read the welcome to its end."""
        wanted = " ".join(caps)
        self.say("CAP LS 302", *([f"PASS {password}"] if password else []), f"NICK {nick}", f"USER {nick} 0 * :{nick}")
        self.say(*([f"CAP REQ :{wanted}"] if caps else []), "CAP END")
        self.until_word("422", "376")

    def join(self, room: str) -> list[str]:
        """Go into a room. Returns what one is told of it."""
        self.say(f"JOIN {room}")
        return self.until_word("366")

    def until_word(self, *verbs: str) -> list[str]:
        """Read on to a line whose verb is one of these. Returns all lines, this one too."""
        lines: list[str] = []
        while not lines or self._verb(lines[-1]) not in verbs:
            line = self.line()
            assert line is not None, f"the connection ended before any of {verbs}; there were {lines}"
            lines.append(line)
        return lines

    def _verb(self, line: str) -> str:
        words = line.split()
        return next(word for word in words if word[0] not in ":@")


class Program:
    """An IRC client program of a person called ada. Its lines are read from its logs, without the time of day.

    `shapes` are the ways in which this program shows what happens, by what that is.
    """

    shapes: Mapping[str, str] = MappingProxyType({})

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.directory = Path(self._directory.name)
        self._taken: Counter[str] = Counter()

    def environment(self) -> dict[str, str]:
        """A home of its own, and a terminal that knows UTF-8."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.directory), "LC_ALL": "C.UTF-8", "TERM": "xterm"}

    def type(self, line: str, room: str = "") -> None:
        """Type a line: where `room` is shown, or else where one types what is for the server."""
        raise NotImplementedError

    def logs(self) -> list[Path]:
        """The files of what has been shown."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """All that has been shown so far."""
        whole = (path.read_text(errors="replace") for path in self.logs() if path.exists())
        return [_PLACE.sub("", line) for text in whole for line in text.split("\n")]

    def sees(self, what: str, **parts: str) -> None:
        """Wait until something is shown, once more than it has been waited for."""
        self.sees_line(self.shapes[what].format(**parts))

    def sees_line(self, wanted: str) -> None:
        """Wait for a line, as `sees` does."""
        self._taken[wanted] += 1
        wait_for(
            lambda: self.lines().count(wanted) >= self._taken[wanted],
            lambda: "\n".join([f"{wanted!r} is not shown:", *self.lines(), self.screen()]),
        )

    def screen(self) -> str:
        """What is seen at this moment, where that is more than the logs."""
        return ""

    def close(self) -> None:
        """End the program, whatever it does."""
        self._directory.cleanup()


class Irssi(Program):
    """irssi on a terminal of tmux."""

    shapes = MappingProxyType({
        "welcome": "-!- {text}",
        "joined": "-!- {nick} [{user}] has joined {room}",
        "names": "[@{op}] [ ada] [ {other}] ",
        "topic": "-!- Topic for {room}: {text}",
        "topic set": "-!- {nick} changed the topic of {room} to: {text}",
        "said": "<{sign:1}{nick}> {text}",
        "did": " * {nick} {text}",
        "whispered": "<{nick}> {text}",
        "renamed": "-!- {old} is now known as {new}",
        "renamed oneself": "-!- You're now known as {new}",
        "mode": "-!- mode/{room} [{change}] by {nick}",
        "kicked": "-!- {target} was kicked from {room} by {nick} [{text}]",
        "banned oneself": "-!- Cannot join to channel {room} (You are banned)",
        "left": "-!- {nick} [{user}] has left {room} [{text}]",
        "quit": "-!- {nick} [{user}] has quit [{text}]",
    })  # fmt: skip

    def __init__(self, port: int, *, tls: bool = False) -> None:
        super().__init__()
        self._tmux = program("tmux")
        (self.directory / "config").write_text(self._config(port, tls="yes" if tls else "no"))
        command = f"exec '{program('irssi')}' --home='{self.directory}'"
        self._run("-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "50", command)

    def _config(self, port: int, tls: str) -> str:
        return f"""
            servers = ({{
                address = "127.0.0.1"; port = "{port}"; chatnet = "live"; autoconnect = "yes";
                use_tls = "{tls}"; tls_verify = "no"; cmdspeed = "1"; cmdmax = "100";
            }});
            chatnets = {{ live = {{ type = "IRC"; }}; }};
            settings = {{
                core = {{ nick = "ada"; user_name = "ada"; real_name = "Ada"; }};
                "irc/core" = {{ cmd_queue_speed = "10msec"; cmds_max_at_once = "100"; }};
            }};
            logs = {{ "{self.directory}/shown" = {{ auto_open = "yes"; level = "ALL"; }}; }};
        """

    def type(self, line: str, room: str = "") -> None:
        """Type a line in the window that is shown; irssi shows the room that was joined last."""
        self._run("send-keys", "-l", line)
        self._run("send-keys", "Enter")

    def logs(self) -> list[Path]:
        """One for all windows."""
        return [self.directory / "shown"]

    def screen(self) -> str:
        """The terminal."""
        with contextlib.suppress(subprocess.CalledProcessError):  # It has ended.
            return self._run("capture-pane", "-p")
        return ""

    def close(self) -> None:
        """End the terminal, and irssi with it."""
        with contextlib.suppress(subprocess.CalledProcessError):  # It has ended.
            self._run("kill-server")
        super().close()

    def _run(self, *arguments: str) -> str:
        command = [self._tmux, "-S", str(self.directory / "tmux"), *arguments]
        done = subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return done.stdout


class Weechat(Program):
    """weechat without a screen, typed into through its fifo. Its logs hold what its windows show."""

    shapes = MappingProxyType({
        "welcome": "--\t{text}",
        "joined": "-->\t{nick} ({user}) has joined {room}",
        "names": "--\tNicks {room}: [@{op} ada {other}]",
        "topic": '--\tTopic for {room} is "{text}"',
        "topic set": '--\t{nick} has changed topic for {room} from "{old}" to "{text}"',
        "said": "{sign}{nick}\t{text}",
        "did": " *\t{nick} {text}",
        "whispered": "{nick}\t{text}",
        "renamed": "--\t{old} is now known as {new}",
        "renamed oneself": "--\tYou are now known as {new}",
        "mode": "--\tMode {room} [{change}] by {nick}",
        "kicked": "<--\t{nick} has kicked {target} ({text})",
        "banned oneself": "--\t{room}: Cannot join channel (+b)",
        "left": "<--\t{nick} ({user}) has left {room} ({text})",
        "quit": "<--\t{nick} ({user}) has quit ({text})",
    })  # fmt: skip

    def __init__(self, port: int, *, tls: bool = False) -> None:
        super().__init__()
        command = [program("weechat-headless"), "--dir", str(self.directory), "--plugins", "fifo,irc,logger"]
        for each in self._settings(port, tls="on" if tls else "off"):
            command += ["--run-command", each]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, env=self.environment(), stdin=quiet, stdout=quiet, stderr=quiet)
        self._fifo: FileIO | None = None

    def _settings(self, port: int, tls: str) -> list[str]:
        return [
            "/set logger.file.flush_delay 0",
            "/set logger.file.time_format %H:%M",
            "/set logger.file.path ${weechat_data_dir}/logs",
            "/set irc.look.smart_filter off",
            "/set irc.look.display_extended_join off",
            "/set irc.look.display_join_message 332,333,353,366",
            "/set irc.server_default.anti_flood_prio_high 0",
            "/set irc.server_default.anti_flood_prio_low 0",
            f"/server add live 127.0.0.1/{port} -nicks=ada -username=ada -realname=Ada",
            # It is called tls since 4.0. What a version does not know changes nothing.
            *(f"/set irc.server.live.{name} {tls}" for name in ("ssl", "tls")),
            *(f"/set irc.server.live.{name}_verify off" for name in ("ssl", "tls")),
            "/set fifo.file.path ${weechat_runtime_dir}/fifo",
            "/connect live",
            "/fifo enable",
        ]

    def type(self, line: str, room: str = "") -> None:
        """Type a line in the window of a room, or of the server."""
        if self._fifo is None:
            wait_for(self._open_fifo, lambda: "weechat does not listen to its fifo")
            assert self._fifo is not None
        window = f"irc.live.{room}" if room else "irc.server.live"
        self._fifo.write(f"{window} *{line}\n".encode())

    def _open_fifo(self) -> bool:
        """Whether weechat listens. Opened in the usual way, this would wait for one that never does."""
        with contextlib.suppress(OSError):
            self._fifo = FileIO(os.open(self.directory / "fifo", os.O_WRONLY | os.O_NONBLOCK), "w")
        return self._fifo is not None

    def logs(self) -> list[Path]:
        """One for each window."""
        return sorted((self.directory / "logs").glob("*.weechatlog"))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        if self._fifo is not None:
            self._fifo.close()
        super().close()
