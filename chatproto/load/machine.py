"""The machine that a run was made on: figures mean little without it."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path

import psutil

from chatproto.load.wording import size


def machine() -> dict[str, str]:
    """Of the machine this runs on, in words: processor, cores, memory, system, Python. Never raises."""
    cores = os.cpu_count()
    return {
        "processor": _processor(),
        "cores": str(cores) if cores else "not known",
        "memory": size(psutil.virtual_memory().total),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _processor() -> str:
    """Its model: in /proc/cpuinfo on Linux, where `platform` does not know it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() in {"model name", "Model"} and value.strip():
                return value.strip()
    return platform.processor() or "not known"
