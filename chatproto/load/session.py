"""From a command line to a result that is shown: the server, the signals, and what can go wrong around a run."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from chatproto.load import table
from chatproto.load.arguments import Wanted, parse
from chatproto.load.loop import Loop, Stopped
from chatproto.load.plan import Plan
from chatproto.load.process import NoServer, Process, Spawned
from chatproto.load.progress import ProgressLine
from chatproto.load.resources import CouldNotRun, enough_files
from chatproto.load.results import Result
from chatproto.load.run import Overdue, Run
from chatproto.load.scenarios import SCENARIOS
from chatproto.load.verdict import COULD_NOT, result, status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one scenario, show the result, and return the exit status."""
    wanted = parse(arguments)
    try:
        _check(wanted.report)
        _check(Path(wanted.json) if wanted.json not in ("", "-") else None)
        write = _report(wanted.report)
        found = measured(wanted)
        _show(found, wanted.json)
        write(found)
    except (CouldNotRun, NoServer, ImportError, ValueError) as error:
        return _could_not(str(error))
    except OSError as error:
        return _could_not(f"{error.filename or 'the machine'}: {error.strerror or error}")
    except KeyboardInterrupt:
        return _could_not("It was ended before there was anything to be shown.")
    return status(found)


def measured(wanted: Wanted) -> Result:
    """Run it. Raises `CouldNotRun` or `NoServer`, with a sentence."""
    plan = wanted.plan
    enough_files(plan)
    with ExitStack() as stack:
        stack.enter_context(_interruptible())
        server = _server(plan, stack)
        loop = Loop()
        progress = stack.enter_context(ProgressLine())
        try:
            run = Run(plan, loop, server.usage if server else None, progress)
        except BaseException:
            loop.close()
            raise
        stack.callback(run.close)
        stack.enter_context(_stopping(loop))
        try:
            interrupted = _played(run)
        except CouldNotRun as error:
            raise CouldNotRun(" ".join(filter(None, (str(error), _fate(run, server))))) from None
        run.notes.extend(filter(None, [_fate(run, server)]))
        return result(run, wanted.options, interrupted=interrupted)


def _played(run: Run) -> bool:
    """Whether it was ended early. Raises `CouldNotRun` if there is nothing to be shown."""
    try:
        SCENARIOS[run.plan.scenario].play(run)
    except Stopped:
        run.stop()
        if not run.talk:
            raise CouldNotRun("It was ended before there was anything to be shown.") from None
    except Overdue as error:
        if not run.talk:
            raise
        run.notes.append(str(error))
        run.stop()
    else:
        return False
    return True


def _server(plan: Plan, stack: ExitStack) -> Process | Spawned | None:
    """What tells of the server. Starts it, if that is asked for."""
    if plan.spawn:
        return stack.enter_context(Spawned(plan.command, plan.host, plan.port, children=plan.children))
    return Process(plan.pid, children=plan.children) if plan.pid else None


def _fate(run: Run, server: Process | Spawned | None) -> str:
    """That the server has ended, if it has; only who was cut has reason to ask."""
    return server.ended() if server is not None and run.scene.cut else ""


@contextmanager
def _interruptible() -> Iterator[None]:
    """TERM ends the program as Ctrl-C does: what was begun is put away, a server that was started above all."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _stopping(loop: Loop) -> Iterator[None]:
    """The first Ctrl-C or TERM ends the run at the end of a turn; the second one ends the program."""

    def stop(number: int, frame: FrameType | None) -> None:
        loop.stopped = True
        for each, handler in before.items():
            signal.signal(each, handler)

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _report(path: Path | None) -> Callable[[Result], None]:
    """What writes the page. Raises `ImportError`, with a sentence, before anything is begun."""
    if path is None:
        return lambda found: None
    from chatproto.load import report  # noqa: PLC0415  # Its libraries are an extra of their own.

    return lambda found: report.write([found], path)


def _show(found: Result, where: str) -> None:
    text = json.dumps(asdict(found), indent=2, ensure_ascii=False)
    if where == "-":
        print(text)  # noqa: T201
        return
    table.show(found)
    if where:
        Path(where).write_text(text + "\n", encoding="utf-8")


def _check(path: Path | None) -> None:
    """Better said before a run than after it."""
    if path is not None and not path.parent.is_dir():
        raise CouldNotRun(f"{path} cannot be written: there is no folder {path.parent}.")


def _could_not(sentence: str) -> int:
    with suppress(OSError):
        print(f"chat-load: {sentence}", file=sys.stderr)  # noqa: T201
    return COULD_NOT
