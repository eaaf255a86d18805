"""Processes that a lab started, remembered in a file, and ended by exactly their ids."""

import os
import signal
import time
from pathlib import Path


class Fault(Exception):
    """The cluster cannot be had: a node does not respond, a program is missing."""


def start_time(pid):
    """When the process started, in ticks since boot: together with its id it names the process. None: there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


class Processes:
    """The processes of one lab: started here, kept in FOLDER/pids, one a line: name, id, start time."""

    def __init__(self, folder):
        self.file = folder / "pids"

    def add(self, name, pid):
        with self.file.open("a") as out:
            out.write(f"{name} {pid} {start_time(pid) or 0}\n")

    def alive(self):
        """(name, id) of those that run, in the order of their starts."""
        found = []
        for line in self.file.read_text().splitlines() if self.file.exists() else []:
            name, pid, started = line.split()
            if start_time(int(pid)) == int(started):
                found.append((name, int(pid)))
        return found

    def pid_of(self, name):
        return next((pid for other, pid in reversed(self.alive()) if other == name), None)

    def end(self, names=None, patience_s=10):
        """Asks all (or the named ones) to end, then kills what is left. Returns the names of those that were killed."""
        wanted = [(n, p) for n, p in self.alive() if names is None or n in names]
        for _, pid in wanted:
            send(pid, signal.SIGTERM)
        deadline = time.monotonic() + patience_s
        left = wanted
        while left and time.monotonic() < deadline:
            time.sleep(0.05)
            running = self.alive()
            left = [entry for entry in wanted if entry in running]
        for _, pid in left:
            send(pid, signal.SIGKILL)
        for _, pid in wanted:
            reap(pid)
        return [name for name, _ in left]


def send(pid, what):
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        pass


def reap(pid):
    """Where it was this process that started it, nobody else does."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def with_environment(entry):
    """Ids of the processes whose environment holds ENTRY ("NAME=value"): what daemons of a lab left behind."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                environment = (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if entry.encode() in environment:
                found.append(int(folder.name))
    return found
