"""What slurmctld calls to let nodes of a lab sleep and wake: power.py suspend|resume LAB NODES BOOT_SECONDS."""

import signal
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lab import cluster as lab  # noqa: E402  the path has to be there first


def main():
    what, folder, nodes, boot_s = sys.argv[1:]
    # slurmctld starts its programs with signals blocked, and a slurmd that inherits that never ends.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    cluster = lab.Cluster(folder)
    names = cluster.client("scontrol", "show", "hostnames", nodes).split()
    print(f"{time.time():.1f} {what} {' '.join(names)}", flush=True)
    if what == "suspend":
        cluster.processes.end({f"slurmd-{name}" for name in names})
        return
    time.sleep(float(boot_s))
    for name in names:
        if (cluster.dir / "power" / f"broken-{name}").exists():  # for tests: it does not boot
            continue
        # -b: as if the machine had booted, which the controller waits for.
        cluster.start_node(int(name.removeprefix("n")), "-b")


main()
