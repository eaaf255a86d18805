"""What the tests with real daemons share: a cluster of scripts/slurm-lab, patience, and a judge of what happened."""

import argparse
import collections
import datetime
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
from lab import accounting  # noqa: E402, F401  the path has to be there first; for tests
from lab import cluster as lab  # noqa: E402

SKIPPED = 77
BUILD = Path(os.environ.get("WATTFILL_BUILD", ROOT / "build/release"))


class Failure(Exception):
    """Something under test is not as it should be."""


def expect(condition, text):
    if not condition:
        raise Failure(text)


class RealCluster(lab.Cluster):
    """A lab in a temporary folder: `with RealCluster(mode="act") as cluster`. Shows its logs when the test fails."""

    def __init__(self, nodes=8, cpus=4, mode="act", scheduler="wattfill", drop_in=False, accelerate=1, no_planner=False,
                 shared=False, settings=(), conf=(), parameters=None, power=None, boot=3, accounting=False):
        super().__init__(tempfile.mkdtemp(prefix="wattfill-slurm-"))
        self.nodes, self.acceleration = nodes, accelerate
        self.options = argparse.Namespace(
            nodes=nodes, cpus=cpus, mode=mode, scheduler=scheduler, drop_in=drop_in, accelerate=accelerate,
            no_planner=no_planner, shared=shared, set=list(settings), conf=list(conf), parameters=parameters,
            build=str(BUILD), planner=None, planner_option=[], policy="easy", debug="verbose", patience=60,
            power=power, boot=boot, accounting=accounting)

    def __enter__(self):
        try:
            self.up(self.options)
        except BaseException:
            self.down()
            shutil.rmtree(self.dir, ignore_errors=True)
            raise
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            traceback.print_exception(kind, value, trace)
            print("--- slurmctld.log, what the plugin says and the end\n" + "\n".join(self.said()[-40:]) + "\n...\n"
                  + self.log_end(25))
            out = self.dir / "log" / "wattfilld.out"
            print("--- wattfilld\n" + (out.read_text() if out.exists() else "(not started)"))
        self.down()
        shutil.rmtree(self.dir, ignore_errors=True)

    # What users do.
    def submit(self, nodes, sleep_s, limit_min=2, *words, text=None):
        script = text or f"#!/bin/sh\nexec sleep {sleep_s}\n"
        done = subprocess.run(
            ["sbatch", "--parsable", "-N", str(nodes), "-t", str(limit_min), "-o", "/dev/null", *words], text=True,
            env=self.environment(), capture_output=True, timeout=60, input=script)
        expect(done.returncode == 0, f"sbatch: {done.stderr}")
        return done.stdout.strip()

    def set_mode(self, mode, *lines):
        file = self.dir / "wattfill.conf"
        kept = [line for line in file.read_text().splitlines() if not line.startswith("mode")]
        file.write_text("\n".join([f"mode = {mode}", *kept, *lines]) + "\n")
        self.reconfigure()

    def kill(self, name, number=signal.SIGKILL):
        pid = self.processes.pid_of(name)
        expect(pid, f"{name} does not run")
        os.kill(pid, number)

    def reconfigure(self):
        self.client("scontrol", "reconfigure")

    # What there is to see.
    def log(self):
        return (self.dir / "log" / "slurmctld.log").read_text(errors="replace").splitlines()

    def said(self):
        return [line for line in self.log() if "] wattfill: " in line or "] error: wattfill: " in line]

    def times_said(self, text):
        return sum(text in line for line in self.said())

    def queue(self):
        """state by job, of those that are not forgotten yet"""
        lines = self.client("squeue", "-h", "-a", "-t", "all", "-o", "%i %T").split("\n")
        return dict(line.split() for line in lines if line)

    def figures(self):
        file = self.dir / "run" / "wattfill.prom"
        lines = file.read_text().splitlines() if file.exists() else []
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}

    def wait(self, what, condition, patience_s=60):
        """Until the condition holds. If it does not, but a node does not respond, that is no failure of the plugin."""
        deadline = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline:
                self.expect_ground()
                raise Failure(f"not within {patience_s} s: {what}")
            time.sleep(0.2)

    def wait_until_said(self, text, times=1, patience_s=30):
        self.wait(f"the plugin says \"{text}\"", lambda: self.times_said(text) >= times, patience_s)

    def wait_until_empty(self, patience_s=90):
        self.wait("the queue is empty", lambda: not self.client("squeue", "-h"), patience_s)

    def expect_ground(self):
        silent = [line for line in self.client("sinfo", "-h", "-N", "-o", "%N %T", check=False).splitlines() if "*" in line]
        if silent:
            raise lab.Fault(f"infrastructure fault: not responding: {', '.join(silent)}")

    # The judge: from what Slurm noted about jobs that ended, not from what the plugin says.
    def ended(self):
        """One dictionary for each job that ended, in jobcomp/filetxt's words."""
        file = self.dir / "log" / "jobcomp.txt"
        lines = file.read_text().splitlines() if file.exists() else []
        return [dict(word.partition("=")[::2] for word in line.split()) for line in lines]

    def expect_all_completed(self, jobs):
        states = {entry["JobId"]: entry["JobState"] for entry in self.ended()}
        wrong = {job: states.get(job, "not ended") for job in jobs if states.get(job) != "COMPLETED"}
        expect(not wrong, f"not completed: {wrong}")

    def expect_no_double_booking(self):
        """Each node belongs to one job at a time. Times are whole seconds, so jobs may meet in one, but not overlap."""
        runs = collections.defaultdict(list)
        for entry in self.ended():
            if entry["NodeList"] in ("", "(null)", "None"):
                continue
            begin, end = (datetime.datetime.fromisoformat(entry[key]) for key in ("StartTime", "EndTime"))
            for node in self.client("scontrol", "show", "hostnames", entry["NodeList"]).split():
                runs[node].append((begin, end, entry["JobId"]))
        expect(runs, "no job ran at all")
        for node, found in runs.items():
            found.sort()
            for (_, end, one), (begin, _, other) in zip(found, found[1:]):
                expect(begin >= end, f"jobs {one} and {other} were on {node} at the same time")

    def expect_rerun_decides_the_same(self):
        """The decision log, rerun without a cluster. The planner has to have ended, so that the log is whole."""
        program = BUILD / "bin" / "trace-replay"
        if not program.exists():
            print(f"no {program}: the decision log is not rerun")
            return
        self.processes.end({"wattfilld"})
        done = subprocess.run([program, "rerun", self.dir / "log/decisions"], capture_output=True, text=True, timeout=60)
        expect(done.returncode == 0 and "the same" in done.stdout, f"rerun: {done.stdout} {done.stderr}")


def run(*cases, missing=()):
    """Runs the cases that are named on the command line, or all. Exit status as ctest wants it. `missing`: what this
    machine lacks for them."""
    wanted = sys.argv[1:]
    absent = [program for program in (lab.CONTROLLER, lab.NODE_DAEMON) if not os.access(program, os.X_OK)] + list(missing)
    if absent:
        print(f"skipped: there is no {', no '.join(absent)} here (scripts/setup --slurm)")
        sys.exit(SKIPPED)
    if not (BUILD / "lib/slurm/sched_wattfill.so").exists() or not (BUILD / "bin/wattfilld").exists():
        print(f"skipped: no Slurm plugin or no planner was built in {BUILD}")
        sys.exit(SKIPPED)
    faults = failures = 0
    for case in cases:
        if wanted and case.__name__ not in wanted:
            continue
        began = time.monotonic()
        try:
            case()
            verdict = "ok"
        except lab.Fault as fault:
            faults += 1
            verdict = f"infrastructure fault: {fault}"
        except Exception as error:  # whatever it is, the other cases still run
            failures += 1
            verdict = f"FAILED: {error!r}"
        print(f"{case.__name__}: {verdict} ({time.monotonic() - began:.1f} s)", flush=True)
    if faults and not failures:
        print("infrastructure fault: the ground did not hold; this says nothing about the plugin")
        sys.exit(SKIPPED)
    sys.exit(1 if failures else 0)
