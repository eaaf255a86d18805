"""A slice of an SWF trace as sleeping jobs."""

import csv
import gzip
import math
import subprocess
import time


class TraceError(Exception):
    """The trace cannot be used; the text names the file and what is wrong."""


def read(path, skip, count):
    """(submit, runtime, processors, requested seconds) of COUNT jobs that ran, after SKIP of them; and MaxProcs."""
    jobs, largest, opener = [], 0, gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith(";"):
                if "MaxProcs:" in line:
                    largest = int(line.split(":")[1].split()[0])
                continue
            fields = line.split()
            if not fields:
                continue
            if len(fields) < 9:
                raise TraceError(f"{path}:{number}: {len(fields)} fields; the Standard Workload Format has 18")
            submit, runtime = int(float(fields[1])), int(float(fields[3]))
            processors = max(int(fields[7]), int(fields[4]))
            if runtime > 0 and processors > 0:
                jobs.append((submit, runtime, processors, max(int(float(fields[8])), runtime)))
                if len(jobs) == skip + count:
                    break
    if len(jobs) <= skip:
        raise TraceError(f"{path}: {len(jobs)} jobs that ran; nothing is left after --skip {skip}")
    return jobs[skip:], largest or max(job[2] for job in jobs)


def scaled(jobs, largest, nodes, scale):
    """(seconds after the first, seconds to sleep, nodes, limit in minutes): the machine shrinks to NODES, time by SCALE."""
    first = jobs[0][0]
    for submit, runtime, processors, requested in jobs:
        yield ((submit - first) / scale, max(1, round(runtime / scale)),
               min(nodes, max(1, round(processors * nodes / largest))), max(1, math.ceil(requested / scale / 60)))


def submit(cluster, options, acceleration):
    """Submits the slice at its times by the lab's clock, and notes what was submitted in FOLDER/submitted.csv."""
    nodes = int(cluster.client("sinfo", "-h", "-o", "%D").split()[0])
    jobs, largest = read(options.trace, options.skip, options.jobs)
    begin, late = time.monotonic(), 0.0
    with (cluster.dir / "submitted.csv").open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(["job", "submit_s", "sleep_s", "nodes", "limit_min"])
        for at, sleep, width, limit in scaled(jobs, largest, nodes, options.scale):
            ahead = begin + at / acceleration - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            late = max(late, -ahead)
            done = subprocess.run(
                ["sbatch", "--parsable", "-N", str(width), "-t", str(limit), "-o", "/dev/null"], text=True,
                env=cluster.environment(), capture_output=True, timeout=60, input=f"#!/bin/sh\nexec sleep {sleep}\n")
            if done.returncode:
                raise TraceError(f"sbatch: {done.stderr.strip()}")
            table.writerow([done.stdout.strip(), round(at), sleep, width, limit])
    return len(jobs), late * acceleration
