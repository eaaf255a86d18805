"""A private Slurm cluster on loopback: its files, its daemons, its clock."""

import getpass
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from lab import accounting, processes
from lab.processes import Fault

INFRASTRUCTURE_FAULT = 75  # exit status: not what is tested failed, but the ground that it stands on
CONTROLLER = "/usr/sbin/slurmctld-wlm"
NODE_DAEMON = "/usr/sbin/slurmd-wlm"
STEP_DAEMON = "/usr/sbin/slurmstepd-wlm"

CONFIG = """\
# Written by scripts/slurm-lab: no munge, everything on loopback.
ClusterName=lab
SlurmctldHost=localhost(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
CredType=cred/none
SlurmctldPort={port}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation={dir}/state
SlurmdSpoolDir={dir}/spool/%n
SlurmctldPidFile={dir}/run/slurmctld.pid
SlurmdPidFile={dir}/run/slurmd.%n.pid
SlurmctldLogFile={dir}/log/slurmctld.log
SlurmdLogFile={dir}/log/slurmd.%n.log
SlurmctldDebug={debug}
SlurmdDebug=error
PluginDir={plugin_dir}
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
{accounting}JobCompType=jobcomp/filetxt
JobCompLoc={dir}/log/jobcomp.txt
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters={select}
SchedulerType={scheduler}
SchedulerParameters={parameters}
MessageTimeout=99
SlurmdTimeout=65000
UnkillableStepTimeout=7200
InactiveLimit=0
MinJobAge={min_job_age}
KillWait=5
Waittime=0
NodeName=n[1-{nodes}] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{first}-{last}] CPUs={cpus} RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE DefaultTime=60 State=UP OverSubscribe={share}
"""

# Slurm's own idle timer never comes, but its power thread works: what sleeps is the planner's to decide.
POWER = """\
SuspendProgram={dir}/power/suspend
ResumeProgram={dir}/power/resume
SuspendTime=100000000
SuspendTimeout=5
ResumeTimeout=120
SuspendRate=0
ResumeRate=0
SlurmctldParameters=power_save_interval=1
"""
POWER_PROGRAM = """\
#!/bin/sh
exec {python} {script} {what} {dir} "$1" {boot} >>{dir}/log/power.out 2>&1
"""
POLICY_WITH_POWER = """\
policy_text: 'name: "lab" queue_order: HOST backfill_order: FCFS reservation_depth: 1 power {{ strategy: "{strategy}" }}'
node_power {{
  nodes: "n[1-{nodes}]"
  power {{
    idle_watts: 95 active_watts: 190.7
    sleep {{ name: "off" watts: 9.75 enter {{ seconds: 6 watts: 101 }} leave {{ seconds: {leave} watts: 125 }} }}
  }}
}}
"""


def free_ports(count):
    """The first of COUNT consecutive TCP ports that nobody listens on, below those that the system hands out itself."""
    for _ in range(1000):
        first = random.randrange(10_000, 32_000 - count)
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
    raise Fault(f"no {count} free ports in a row")


def slurm_plugin_dir():
    found = sorted(Path("/usr/lib").glob("*/slurm-wlm"))
    if not found:
        raise Fault("no Slurm of Debian 12 here: run scripts/setup --slurm")
    return found[0]


class Cluster:
    """One lab in its folder. What is needed after `up` stands in files there, so that later calls find it."""

    def __init__(self, folder):
        self.dir = Path(folder).resolve()
        self.processes = processes.Processes(self.dir)

    # The environment that daemons and clients share: where the configuration is, and the clock if it is not the machine's.
    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith("SLURM")}
        env["SLURM_CONF"] = str(self.dir / "slurm.conf")
        env["WATTFILL_LAB"] = str(self.dir)
        clock = self.dir / "clock.env"
        if clock.exists():
            env.update(line.split("=", 1) for line in clock.read_text().splitlines())
        return env

    def client(self, *command, check=True, timeout=60):
        """The standard output of a Slurm client."""
        try:
            done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            if check:
                raise Fault(f"{' '.join(command)}: no answer in {timeout} s") from None
            return ""
        if check and done.returncode:
            raise Fault(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def start(self, name, *command, program=None, **more):
        """A daemon in the foreground of a session of its own; what it prints goes to log/NAME.out. `program`: if it is
        not the command's first word; `more`: environment."""
        with (self.dir / "log" / f"{name}.out").open("a") as out:
            process = subprocess.Popen(command, executable=program, env=self.environment() | more, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=out, start_new_session=True, cwd=self.dir)
        self.processes.add(name, process.pid)
        return process

    def write(self, options):
        for program in (CONTROLLER, NODE_DAEMON, STEP_DAEMON):
            if not os.access(program, os.X_OK):
                raise Fault(f"no {program}: run scripts/setup --slurm")
        if self.processes.alive():
            raise Fault(f"a lab is up in {self.dir}: slurm-lab down --dir {self.dir}")
        if self.dir.exists():
            if any(self.dir.iterdir()) and not (self.dir / "slurm.conf").exists():
                raise Fault(f"{self.dir} holds something else than a lab")
            shutil.rmtree(self.dir)
        for name in ("state", "spool", "run", "log"):
            (self.dir / name).mkdir(parents=True)
        (self.dir / "wattfill.conf").write_text(f"mode = {options.mode}\nsocket = {self.dir}/run/planner.sock\n"
                                                f"prometheus_file = {self.dir}/run/wattfill.prom\n"
                                                + ("power = on\n" if options.power else "")
                                                + "".join(f"{line}\n" for line in options.set))
        power = ""
        if options.power:
            self.write_power_programs(options)
            power = POWER.format(dir=self.dir)
        first = free_ports(options.nodes + 2)
        records = "AccountingStorageType=accounting_storage/none\n"
        if options.accounting:
            if options.accelerate != 1:
                raise Fault("the clock of a lab with accounting cannot be accelerated: its database would not follow")
            self.accounting_port = first + options.nodes + 1
            records = accounting.write(self, self.accounting_port, slurm_plugin_dir())
        (self.dir / "slurm.conf").write_text(CONFIG.format(
            user=getpass.getuser(), dir=self.dir, port=first, first=first + 1, last=first + options.nodes,
            host=socket.gethostname().split(".")[0], nodes=options.nodes, cpus=options.cpus, debug=options.debug,
            select="CR_CPU", share="NO" if options.shared else "EXCLUSIVE", min_job_age=300,
            accounting=records, **self.scheduler(options)) + power + "".join(f"{line}\n" for line in options.conf))

    def write_power_programs(self, options):
        (self.dir / "power").mkdir()
        for what in ("suspend", "resume"):
            program = self.dir / "power" / what
            program.write_text(POWER_PROGRAM.format(python=sys.executable, script=Path(__file__).with_name("power.py"),
                                                    what=what, dir=self.dir, boot=options.boot))
            program.chmod(0o755)

    @staticmethod
    def scheduler(options):
        stock = slurm_plugin_dir()
        build = Path(options.build).resolve()
        parameters = options.parameters
        if options.scheduler == "wattfill":
            own, kind = ("slurm-drop-in", "backfill") if options.drop_in else ("slurm", "wattfill")
            if not (build / "lib" / own / f"sched_{kind}.so").exists():
                raise Fault(f"no lib/{own}/sched_{kind}.so in {build}: build it, or name another --build")
            return {"plugin_dir": f"{build}/lib/{own}:{stock}", "scheduler": f"sched/{kind}",
                    "parameters": parameters or "defer,bf_interval=5,bf_continue"}
        return {"plugin_dir": stock, "scheduler": f"sched/{options.scheduler}",
                "parameters": parameters or "bf_interval=5,bf_continue"}

    def start_clock(self, factor):
        """One clock for all: libfaketime's shared memory belongs to a process that lives as long as the lab."""
        libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not libraries or not shutil.which("faketime"):
            raise Fault("no faketime: run scripts/setup --slurm")
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        shown = self.dir / "clock.shown"
        env = dict(os.environ, FAKETIME_DONT_RESET="1")
        process = subprocess.Popen(
            ["faketime", "-m", "-f", f"@{now} x{factor:g}", "sh", "-c", f"env >{shown}.new; mv {shown}.new {shown}; exec sleep infinity"],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        self.processes.add("clock", process.pid)
        deadline = time.monotonic() + 10
        while not shown.exists():
            if time.monotonic() > deadline or process.poll() is not None:
                raise Fault("faketime does not start")
            time.sleep(0.05)
        values = dict(line.split("=", 1) for line in shown.read_text().splitlines() if line.startswith("FAKETIME"))
        values["LD_PRELOAD"] = str(libraries[0])
        # The process under faketime, of which the one above is the parent that cleans up when it ends.
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            self.processes.add("clock-child", int(child))
        (self.dir / "clock.env").write_text("".join(f"{k}={v}\n" for k, v in sorted(values.items())))

    def start_controller(self):
        # Slurm's libraries go by that name; under another one the controller ends as soon as there is accounting.
        return self.start("slurmctld", "slurmctld", "-D", program=CONTROLLER)

    def start_node(self, number, *words):
        return self.start(f"slurmd-n{number}", NODE_DAEMON, "-D", "-N", f"n{number}", "-d", STEP_DAEMON, *words)

    def start_planner(self, options):
        program = Path(options.planner or Path(options.build) / "bin" / "wattfilld").resolve()
        if not program.exists():
            if options.planner or options.mode != "stock":
                raise Fault(f"no planner {program}: build wattfilld, name another --planner, or give --no-planner")
            return None
        # Slurm looks at nodes that boot now and then only, and tells the job later still.
        policy = (POLICY_WITH_POWER.format(strategy=options.power, nodes=options.nodes, leave=options.boot + 5)
                  if options.power else f'policy: "{options.policy}"\n')
        (self.dir / "planner.textproto").write_text(
            f'{policy}limit: "real"\nlog {{ directory: "{self.dir}/log/decisions" }}\n')
        command = [str(program), "--config", str(self.dir / "planner.textproto"), "--socket", str(self.dir / "run" / "planner.sock"), *options.planner_option]
        (self.dir / "planner.command").write_text("\n".join(command) + "\n")
        return self.restart_planner()

    def restart_planner(self):
        return self.start("wattfilld", *(self.dir / "planner.command").read_text().splitlines())

    def up(self, options):
        self.write(options)
        if options.accelerate != 1:
            self.start_clock(options.accelerate)
        if options.scheduler == "wattfill" and not options.no_planner:
            self.start_planner(options)
        if options.accounting:
            accounting.start(self, self.accounting_port)
        controller = self.start_controller()
        for number in range(1, options.nodes + 1):
            self.start_node(number)
        self.wait_for_nodes(controller, options.nodes, options.patience)

    def wait_for_nodes(self, controller, nodes, patience_s):
        deadline = time.monotonic() + patience_s
        silent = f"{nodes} nodes"
        while time.monotonic() < deadline:
            if controller.poll() is not None:
                raise Fault(f"slurmctld ended with status {controller.returncode}; the end of its log:\n{self.log_end()}")
            # A node stands there once for each of its partitions.
            states = sorted(set(self.client("sinfo", "-h", "-N", "-o", "%N %T", check=False, timeout=10).split("\n")))
            ready = [line for line in states if line.endswith((" idle", " allocated", " mixed"))]
            if len(ready) == nodes:
                return
            silent = ", ".join(line for line in states if line and line not in ready) or silent
            time.sleep(0.3)
        raise Fault(f"infrastructure fault: not ready after {patience_s:g} s: {silent}")

    def log_end(self, lines=10):
        for name in ("slurmctld.log", "slurmctld.out"):
            file = self.dir / "log" / name
            if file.exists() and file.stat().st_size:
                return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
        return "(no log)"

    def down(self):
        """Ends what runs, whatever state it is in. Jobs are cancelled first, so that their steps end too."""
        if self.processes.pid_of("slurmctld"):
            self.client("scancel", "--ctld", "--user", getpass.getuser(), check=False, timeout=5)
            for _ in range(20):
                if not self.client("squeue", "-h", check=False, timeout=5):
                    break
                time.sleep(0.1)
        last = {"mariadbd", "clock", "clock-child"}  # others need them to end well
        self.processes.end({name for name, _ in self.processes.alive()} - last)
        self.processes.end({"mariadbd"})
        for pid in processes.with_environment(f"WATTFILL_LAB={self.dir}"):
            if pid not in ancestors():
                processes.send(pid, signal.SIGKILL)
        self.processes.end({"clock-child"}, 2)
        self.processes.end({"clock"}, 2)
        shared = (self.dir / "clock.env").read_text() if (self.dir / "clock.env").exists() else ""
        for line in shared.splitlines():
            if line.startswith("FAKETIME_SHARED="):
                for name in line.partition("=")[2].split():
                    for file in (Path("/dev/shm") / name.lstrip("/"), Path("/dev/shm") / f"sem.{name.lstrip('/')}"):
                        file.unlink(missing_ok=True)


def ancestors():
    """This process and those that it runs in: a command under `run` may itself take the lab down."""
    found, pid = [], os.getpid()
    while pid > 1:
        found.append(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return found


def complain(text):
    print(f"slurm-lab: {text}", file=sys.stderr)
