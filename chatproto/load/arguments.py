"""The command line: one subcommand for each scenario, with a flag for each option that matters to it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, NamedTuple

from chatproto import __version__
from chatproto.load.plan import BadPlan, Plan, option
from chatproto.load.scenarios import SCENARIOS, Scenario
from chatproto.setting import declared

COMMON = (
    "host", "port", "dialect", "tls", "ca", "i_may_load", "in_flight", "pid", "spawn", "children",
)  # fmt: skip
"""Options of all scenarios."""

DESCRIPTION = """\
Puts load on a chat server and measures what it does: any server that speaks IRC, or chatproto's plain lines, over TCP
or TLS. Every receiver checks that each line came once, whole and in order; delays count from when a line was due.
"""

EPILOG = """\
A server must allow such a load. For chatproto's own, on port 7000 of this machine only:

  twistd -n chat --listen tcp:7000:interface=127.0.0.1 --lines-per-second 1000000 --burst 1000000 \\
      --per-address 100000 --lines-per-turn 1000

With --spawn 'COMMAND' it is started for the run and stopped after it; with --pid PID its CPU and memory are read.

Exit status: 0 all is well; 1 something was lost, doubled or out of order, or somebody was cut or did not get in; 2 bad
options; 3 it could not run. Ctrl-C ends a run and shows what there is of it.
"""


class Wanted(NamedTuple):
    """What the command line asks for."""

    plan: Plan
    options: tuple[str, ...]
    """The options that matter to the scenario."""
    json: str
    """Where to write the result as JSON; `-` is stdout, empty is nowhere."""
    report: Path | None


def parse(arguments: Sequence[str] | None) -> Wanted:
    """Read a command line. Exits with a sentence and status 2 if it is wrong."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    scenario = given.pop("scenario")
    json, report = given.pop("json"), given.pop("report")
    try:
        plan = Plan(scenario=scenario, **given)
    except BadPlan as error:
        parser.error(f"{error}; see chat-load {scenario} --help")
    return Wanted(plan, (*SCENARIOS[scenario].options, "in_flight"), json, report)


def _parser() -> argparse.ArgumentParser:
    examples = "\n".join(f"  chat-load {name} {scenario.example}" for name, scenario in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="chat-load",
        description=DESCRIPTION,
        epilog=f"examples:\n{examples}\n\n{EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"chatproto {__version__}")
    commands = parser.add_subparsers(dest="scenario", metavar="SCENARIO", required=True)
    for name, scenario in SCENARIOS.items():
        _add(commands, name, scenario)
    return parser


def _add(commands: Any, name: str, scenario: Scenario) -> None:
    command = commands.add_parser(
        name,
        help=scenario.summary,
        description=scenario.summary,
        epilog=f"example:\n  chat-load {name} {scenario.example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    known = {field.name: field for field in fields(Plan)}
    for each in (*scenario.options, *COMMON):
        _flag(command, known[each], scenario.defaults.get(each, known[each].default))
    command.add_argument("--json", default="", metavar="FILE", help="Write the result there as JSON; - is stdout.")
    command.add_argument("--report", type=Path, metavar="FILE", help="Write a page about it there, as HTML.")


def _flag(command: argparse.ArgumentParser, field: Field[Any], default: Any) -> None:
    meaning = declared(field).meaning.replace("%", "%%")
    if isinstance(default, bool):
        command.add_argument(option(field.name), action="store_true", help=meaning)
        return
    shown = f" [default: {default:g}]" if isinstance(default, int | float) else f" [default: {default}]"
    command.add_argument(
        option(field.name),
        type=_number(field, type(field.default)),
        default=default,
        metavar=field.name.upper(),
        help=meaning + (shown if default not in ("", 0) else ""),
    )


def _number(field: Field[Any], kind: type) -> Any:
    """What reads a value; argparse says its name in its complaint."""

    def number(text: str) -> Any:
        return kind(text)

    number.__name__ = {int: "whole number", float: "number"}.get(kind, "text")
    return number
