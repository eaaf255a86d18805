"""Nodes of a real cluster that the planner lets sleep and wakes: their slurmds end and start."""

import re

from real_cluster import RealCluster, expect, run


def states(cluster):
    """short state by node, such as idle~ for one that sleeps"""
    lines = cluster.client("sinfo", "-h", "-N", "-o", "%N %t").splitlines()
    return dict(line.split() for line in lines)


def sleepers(cluster):
    return {node for node, state in states(cluster).items() if state == "idle~"}


def daemons(cluster):
    return {name.removeprefix("slurmd-") for name, _ in cluster.processes.alive() if name.startswith("slurmd-")}


def nodes_sleep_and_wake_for_jobs():
    every = {f"n{i}" for i in range(1, 7)}
    exempt = {"n1", "n6"}  # one by name, one by its partition
    with RealCluster(nodes=6, mode="act", power="timeout:15", boot=1, accelerate=5,
                     conf=("SuspendTimeout=15", "SuspendExcNodes=n1", "PartitionName=kept Nodes=n6 OverSubscribe=EXCLUSIVE",
                           "SuspendExcParts=kept")) as cluster:
        cluster.wait_until_said("and decides which of them sleep")
        jobs = [cluster.submit(2, 1) for _ in range(3)]
        cluster.wait("all but the excluded sleep", lambda: sleepers(cluster) == every - exempt)
        cluster.wait("their slurmds have ended", lambda: daemons(cluster) == exempt, 10)
        cluster.wait("the planner knows", lambda: cluster.figures()["wattfill_nodes_asleep"] == 4, 15)
        jobs += [cluster.submit(1, 1)]
        cluster.wait("a job on nodes that are awake", lambda: jobs[-1] in {e["JobId"] for e in cluster.ended()}, 15)
        expect(len(sleepers(cluster)) == 4, "nodes were woken though enough were awake")
        # All of them; a smaller one behind it, on what it leaves.
        wide, narrow = cluster.submit(5, 2), cluster.submit(1, 1)
        jobs += [wide, narrow]
        cluster.wait("the wide job boots its nodes", lambda: cluster.queue()[wide] == "CONFIGURING")
        cluster.wait_until_empty(120)
        cluster.wait("all but the excluded sleep again", lambda: sleepers(cluster) == every - exempt)
        cluster.expect_all_completed(jobs)
        cluster.expect_no_double_booking()
        cluster.wait_until_said(f"wattfill: job {wide} runs, ")
        ordered = set(re.findall(r"powering down node (\S+)", "\n".join(cluster.log())))
        expect(ordered == every - exempt, f"ordered to sleep: {ordered}")
        figures = cluster.figures()
        expect(cluster.times_said("started job") == len(jobs), "not all jobs were started by the planner's proposals")
        expect(figures["wattfill_refused_total"] == 0 and figures["wattfill_power_refused_total"] == 0, f"{figures}")
        expect(figures["wattfill_sleeps_total"] >= 7 and figures["wattfill_wakes_total"] >= 3, f"{figures}")
        print("\n".join(line.partition("wattfill: ")[2] for line in cluster.said() if " after it was started" in line))
        print(", ".join(f"{name.removeprefix('wattfill_')} {value:g}" for name, value in figures.items()
                        if re.search("boot|sleeps|wakes", name)))
        cluster.expect_rerun_decides_the_same()


def operators_wake_nodes_and_let_them_sleep():
    with RealCluster(nodes=4, mode="act", power="timeout:10000", boot=1, accelerate=5,
                     conf=("SuspendTimeout=15",)) as cluster:
        cluster.wait_until_said("and decides which of them sleep")
        cluster.client("scontrol", "update", "nodename=n[1-3]", "state=power_down")
        cluster.wait("three sleep", lambda: sleepers(cluster) == {"n1", "n2", "n3"})
        cluster.wait("the planner knows", lambda: cluster.figures()["wattfill_nodes_asleep"] == 3, 15)
        cluster.client("scontrol", "update", "nodename=n1", "state=power_up")
        cluster.wait("n1 is awake", lambda: states(cluster)["n1"] == "idle")
        cluster.wait("the planner knows", lambda: cluster.figures()["wattfill_nodes_asleep"] == 2, 15)
        awake, all_of_them = cluster.submit(2, 1), cluster.submit(4, 1)
        cluster.wait_until_empty(120)
        cluster.expect_all_completed([awake, all_of_them])
        ran_on = {entry["JobId"]: entry["NodeList"] for entry in cluster.ended()}
        expect(ran_on[awake] == "n[1,4]", f"a job that fits on nodes that are awake ran on {ran_on[awake]}")
        expect(cluster.figures()["wattfill_wakes_total"] == 2, f"{cluster.figures()}")
        cluster.expect_rerun_decides_the_same()


def a_node_does_not_boot():
    """Slurm sets it down after ResumeTimeout and gives the job back, which runs on others; then the node is mended."""
    with RealCluster(nodes=4, mode="act", power="timeout:15", boot=2, accelerate=5,
                     conf=("SuspendTimeout=15", "ResumeTimeout=60")) as cluster:
        cluster.wait_until_said("and decides which of them sleep")
        jobs = [cluster.submit(1, 1)]
        cluster.wait("all sleep", lambda: len(sleepers(cluster)) == 4, 60)
        jobs += [cluster.submit(3, 2, 5)]
        cluster.wait("it boots its nodes", lambda: cluster.queue()[jobs[-1]] == "CONFIGURING")
        names = cluster.client("squeue", "-h", "-j", jobs[-1], "-o", "%N").strip()
        broken = cluster.client("scontrol", "show", "hostnames", names).split()[0]
        mark = cluster.dir / "power" / f"broken-{broken}"
        mark.touch()
        cluster.wait(f"{broken} is down", lambda: states(cluster)[broken].startswith("down"), 60)
        cluster.wait("the job has run", lambda: jobs[-1] in completed(cluster), 90)
        nodes = [entry["NodeList"] for entry in cluster.ended() if entry["JobId"] == jobs[-1]][-1]
        expect(broken not in cluster.client("scontrol", "show", "hostnames", nodes).split(), f"it ran on {nodes}")
        orders = sum(f"powering up node {broken}" in line for line in cluster.log())
        expect(orders == 1, f"{broken} was woken {orders} times")
        mark.unlink()
        cluster.client("scontrol", "update", f"nodename={broken}", "state=resume")
        jobs += [cluster.submit(4, 2, 5)]
        cluster.wait_until_empty(120)
        cluster.expect_all_completed(jobs)
        cluster.expect_no_double_booking()
        cluster.wait_until_said("the planner is told that nodes of type1 boot in ", patience_s=60)
        print("\n".join(line.partition("wattfill: ")[2] for line in cluster.said() if " boot in " in line))
        figures = cluster.figures()
        expect(figures["wattfill_planner_losses_total"] == 0 and figures["wattfill_trips_total"] == 0, f"{figures}")
        cluster.expect_rerun_decides_the_same()


def completed(cluster):
    return {entry["JobId"] for entry in cluster.ended() if entry["JobState"] == "COMPLETED"}


run(nodes_sleep_and_wake_for_jobs, a_node_does_not_boot, operators_wake_nodes_and_let_them_sleep)
