"""Accounting of a lab: a private MariaDB behind a socket in the lab's folder, and slurmdbd before it."""

import getpass
import os
import socket
import subprocess
import time
from pathlib import Path

from lab.processes import Fault

DATABASE = "/usr/sbin/mariadbd"
SYSTEM_TABLES = Path("/usr/share/mysql/mysql_system_tables.sql")
DAEMON = "/usr/sbin/slurmdbd"
ACCOUNT = "lab"

# What slurm.conf gets. Jobs of users without an association are refused.
CONFIG = """\
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={port}
AccountingStorageEnforce=associations,limits,qos
"""
DAEMON_CONFIG = """\
# Written by scripts/slurm-lab.
AuthType=auth/none
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={port}
SlurmUser={user}
LogFile={dir}/log/slurmdbd.log
PidFile={dir}/run/slurmdbd.pid
PluginDir={plugin_dir}
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser={user}
StorageLoc=slurm_acct_db
"""


def missing():
    """What this machine lacks."""
    return [name for name in (DATABASE, DAEMON, str(SYSTEM_TABLES)) if not os.path.exists(name)]


def write(cluster, port, plugin_dir):
    """The configuration; returns the lines for slurm.conf."""
    if missing():
        raise Fault(f"no {', no '.join(missing())}: run scripts/setup --slurm")
    file = cluster.dir / "slurmdbd.conf"
    file.touch(mode=0o600)  # slurmdbd reads no file that others can
    file.write_text(DAEMON_CONFIG.format(port=port, user=getpass.getuser(), dir=cluster.dir, plugin_dir=plugin_dir))
    return CONFIG.format(port=port)


def start(cluster, port):
    """Returns when the cluster, an account and this user in it are known."""
    socket_file = start_database(cluster)
    daemon = cluster.start("slurmdbd", DAEMON, "-D", MYSQL_UNIX_PORT=socket_file)
    wait("slurmdbd", daemon, lambda: listens(port), 30)
    for words in (("cluster", "lab"), ("account", ACCOUNT, "cluster=lab"),
                  ("user", getpass.getuser(), f"account={ACCOUNT}", f"defaultaccount={ACCOUNT}", "cluster=lab")):
        cluster.client("sacctmgr", "-i", "add", *words)


def start_database(cluster):
    """No network and, since only this user reaches the socket, no passwords."""
    folder = cluster.dir / "database"
    (folder / "data").mkdir(parents=True)
    folder.chmod(0o700)
    socket_file = str(folder / "socket")
    command = [DATABASE, "--no-defaults", f"--user={getpass.getuser()}", f"--datadir={folder}/data", "--skip-networking",
               "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M"]
    with (cluster.dir / "log" / "mariadbd.out").open("a") as out:
        tables = "create database mysql;\nuse mysql;\n" + SYSTEM_TABLES.read_text()
        done = subprocess.run([*command, "--bootstrap"], input=tables, text=True, stdout=out, stderr=out, timeout=60)
    if done.returncode:
        raise Fault(f"mariadbd does not make a database: see {cluster.dir}/log/mariadbd.out")
    daemon = cluster.start("mariadbd", *command, "--skip-grant-tables", f"--socket={socket_file}",
                           f"--pid-file={folder}/pid")
    wait("mariadbd", daemon, lambda: os.path.exists(socket_file), 30)
    return socket_file


def wait(name, process, ready, patience_s):
    deadline = time.monotonic() + patience_s
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Fault(f"{name} does not start: see the lab's log folder")
        time.sleep(0.1)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
