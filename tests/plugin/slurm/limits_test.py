"""Limits of associations and QOS, with slurmdbd and a database; and the bounds beyond which stock scheduling takes over."""

import getpass
import re

from real_cluster import RealCluster, accounting, expect, run


def accounted(*settings):
    return RealCluster(mode="act", accounting=True, settings=settings)


def add_qos(cluster, name, *limits):
    cluster.client("sacctmgr", "-i", "add", "qos", name)
    cluster.client("sacctmgr", "-i", "modify", "qos", name, "set", *limits)
    cluster.client("sacctmgr", "-i", "modify", "account", accounting.ACCOUNT, "set", f"qos+={name}")
    return f"--qos={name}"


def add_account(cluster, name, *limits):
    cluster.client("sacctmgr", "-i", "add", "account", name, "cluster=lab")
    cluster.client("sacctmgr", "-i", "add", "user", getpass.getuser(), f"account={name}", "cluster=lab")
    cluster.client("sacctmgr", "-i", "modify", "account", name, "set", *limits)
    return f"--account={name}"


def reason(cluster, job):
    return cluster.client("squeue", "-h", "-j", job, "-o", "%r").strip()


def sdiag(cluster, what):
    return int(re.search(rf"{what}: *(\d+)", cluster.client("sdiag")).group(1))


def order_of_starts(cluster):
    return [line.split("started job ")[1].split()[0] for line in cluster.said() if "started job" in line]


def blocked_jobs_hold_no_reservation():
    """The second job is first in the queue and may not start; the third has to start before the first ends."""
    with accounted() as cluster:
        cluster.wait_until_said("the planner schedules")
        few = add_qos(cluster, "few", "MaxJobsPerUser=1")
        small = add_qos(cluster, "small", "GrpTRES=node=4")
        slim = add_qos(cluster, "slim", "MaxTRESPerUser=cpu=19")
        group = add_account(cluster, "group", "GrpJobs=1")
        for limited, nodes, then_nodes, other_nodes, why in (
                (few, 4, 8, 4, "QOSMaxJobsPerUserLimit"), (small, 3, 2, 5, "QOSGrpNodeLimit"),
                (slim, 3, 2, 5, "QOSMaxCpuPerUserLimit"), (group, 4, 8, 4, "AssocGrpJobsLimit")):
            first = cluster.submit(nodes, 12, 1, limited)
            cluster.wait("the first runs", lambda: cluster.queue()[first] == "RUNNING", 15)
            second = cluster.submit(then_nodes, 1, 1, limited)
            cluster.wait(f"{limited}: its reason is {why}", lambda: reason(cluster, second) == why, 15)
            third = cluster.submit(other_nodes, 2, 30)
            cluster.wait("the third runs", lambda: cluster.queue()[third] in ("RUNNING", "COMPLETING", "COMPLETED"), 8)
            states = cluster.queue()
            expect((states[first], states[second]) == ("RUNNING", "PENDING"), f"{limited}: {states}")
            cluster.wait_until_empty(40)
            cluster.expect_all_completed([first, second, third])
            expect(order_of_starts(cluster)[-3:] == [first, third, second], f"{limited}: {order_of_starts(cluster)}")
        figures = cluster.figures()
        expect(figures["wattfill_refused_total"] == 0 and figures["wattfill_trips_total"] == 0, f"{figures}")
        cluster.expect_no_double_booking()
        cluster.expect_rerun_decides_the_same()


def refused_starts_are_planned_again():
    """Two jobs may each start, but not both: the second is refused at the commit, and its nodes go to the third."""
    with accounted() as cluster:
        cluster.wait_until_said("the planner schedules")
        few = add_qos(cluster, "few", "MaxJobsPerUser=1")
        everything = cluster.submit(8, 4, 1)
        cluster.wait("all nodes are taken", lambda: cluster.queue()[everything] == "RUNNING", 15)
        one, other, third = cluster.submit(4, 6, 1, few), cluster.submit(4, 1, 1, few), cluster.submit(4, 3, 30)
        cluster.wait("the third runs", lambda: cluster.queue()[third] == "RUNNING", 20)
        expect(cluster.queue()[one] == "RUNNING", "the third did not start beside the first of the two")
        cluster.wait_until_empty(40)
        cluster.expect_all_completed([everything, one, other, third])
        expect(order_of_starts(cluster) == [everything, one, third, other], f"started: {order_of_starts(cluster)}")
        figures = cluster.figures()
        expect(figures["wattfill_refused_total"] == 1 and figures["wattfill_started_total"] == 4, f"{figures}")
        said = [line for line in cluster.log() if f"job {other} was not started" in line]
        expect(len(said) == 1 and "a limit of its association or QOS" in said[0], f"said: {said}")
        cluster.expect_no_double_booking()
        cluster.expect_rerun_decides_the_same()


def too_many_refusals_hand_back():
    with accounted("trip_refusals = 3", "trip_pause_seconds = 20") as cluster:
        cluster.wait_until_said("the planner schedules")
        few = add_qos(cluster, "few", "MaxJobsPerUser=1")
        jobs = [cluster.submit(8, 4, 1)]
        cluster.wait("all nodes are taken", lambda: cluster.queue()[jobs[0]] == "RUNNING", 15)
        expect(sdiag(cluster, "Last table size") == 0, "the planner's cycles have a table")
        jobs += [cluster.submit(2, 2, 1, few) for _ in range(4)]
        expect_a_trip(cluster, "3 starts were refused within trip_window_seconds")
        # Stock scheduling goes on, and sdiag has its cycles.
        cluster.wait("sdiag shows stock backfill", lambda: sdiag(cluster, "Last table size") > 0, 20)
        cluster.wait_until_said("the planner schedules", times=2, patience_s=40)
        cluster.wait("it acts again", lambda: cluster.figures()["wattfill_acting"] == 1, 10)
        cluster.wait_until_empty(60)
        cluster.expect_all_completed(jobs)
        cluster.expect_no_double_booking()


def expect_a_trip(cluster, why):
    cluster.wait_until_said(f"back to stock scheduling: {why}")
    cluster.wait("the figures tell it", lambda: cluster.figures()["wattfill_trips_total"] == 1, 5)
    expect(cluster.figures()["wattfill_acting"] == 0, f"it acts still: {cluster.figures()}")


def long_holds_hand_back():
    with RealCluster(mode="act", shared=True, settings=("trip_hold_ms = 1", "trip_pause_seconds = 0")) as cluster:
        cluster.wait_until_said("the planner schedules")
        jobs = [cluster.submit(1, 1, 1, "--array=1-32")]
        expect_a_trip(cluster, "the write lock was held for ")
        expect("until a reconfigure" in "".join(cluster.said()), "for how long is not said")
        jobs += [cluster.submit(2, 1)]
        cluster.wait_until_empty(60)
        ended = cluster.ended()
        expect(len(ended) == 33 and all(e["JobState"] == "COMPLETED" for e in ended), f"ended: {ended}")
        cluster.set_mode("act", "trip_hold_ms = 10000")
        cluster.wait_until_said("the planner schedules", times=2)


def long_waits_hand_back():
    with RealCluster(mode="act", settings=("trip_wait_seconds = 4", "trip_pause_seconds = 0")) as cluster:
        cluster.wait_until_said("the planner schedules")
        jobs = [cluster.submit(8, 10, 1), cluster.submit(8, 1, 1)]
        expect_a_trip(cluster, "a job has waited for ")
        expect(cluster.queue()[jobs[1]] == "PENDING", "nothing waited")
        cluster.wait_until_empty(60)
        cluster.expect_all_completed(jobs)


run(blocked_jobs_hold_no_reservation, refused_starts_are_planned_again, too_many_refusals_hand_back,
    long_holds_hand_back, long_waits_hand_back, missing=accounting.missing())
