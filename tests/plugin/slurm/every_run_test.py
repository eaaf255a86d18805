"""Real slurmctld, real slurmds, short enough for every run."""

import random

from real_cluster import RealCluster, expect, run


def stock_mode_runs_jobs():
    with RealCluster(nodes=4, mode="stock", no_planner=True) as cluster:
        jobs = [cluster.submit(nodes, 1) for nodes in (1, 2, 4)]
        cluster.wait_until_empty(60)
        cluster.expect_all_completed(jobs)
        expect(cluster.times_said("started job") == 0, "the plugin started a job in stock mode")


def acting_runs_all_jobs_on_nodes_of_their_own():
    chance = random.Random(20)
    with RealCluster(mode="act", accelerate=20) as cluster:
        cluster.wait_until_said("the planner schedules")
        jobs = [cluster.submit(chance.choice((1, 1, 2, 3, 4, 8)), chance.randint(5, 90), chance.randint(5, 10))
                for _ in range(24)]
        cluster.wait_until_empty(100)
        cluster.expect_all_completed(jobs)
        cluster.expect_no_double_booking()
        expect(cluster.times_said("started job") == len(jobs), "not all jobs were started by the planner's proposals")
        expect(not [line for line in cluster.log() if "sched: Allocate" in line or "sched/backfill: _start_job" in line],
               "Slurm's own scheduling started a job while the planner acted")
        figures = cluster.figures()
        expect(figures["wattfill_started_total"] == len(jobs), f"figures: {figures}")
        expect(figures["wattfill_refused_total"] == 0, f"starts were refused: {figures}")
        cluster.expect_rerun_decides_the_same()


def observing_leaves_the_work_to_stock():
    with RealCluster(nodes=4, mode="observe") as cluster:
        cluster.wait_until_said("the planner is wattfilld")
        jobs = [cluster.submit(nodes, 1) for nodes in (1, 2, 4, 3)]
        cluster.wait_until_empty(60)
        cluster.expect_all_completed(jobs)
        figures = cluster.figures()
        expect(cluster.times_said("started job") == 0, "the plugin started a job in observe mode")
        expect(figures["wattfill_passes_total"] > 0 and figures["wattfill_planner_losses_total"] == 0, f"{figures}")


def planner_killed_while_it_acts():
    with RealCluster(mode="act") as cluster:
        cluster.wait_until_said("the planner schedules")
        jobs = [cluster.submit(4, 2) for _ in range(6)]
        cluster.wait_until_said("started job")
        cluster.kill("wattfilld")
        cluster.wait("stock scheduling", lambda: "no planner" in cluster.said()[-1])
        jobs += [cluster.submit(8, 1)]
        started = cluster.times_said("started job")
        cluster.wait("stock starts jobs", lambda: len(cluster.ended()) > started)
        cluster.restart_planner()
        cluster.wait_until_said("the planner schedules", times=2)
        jobs += [cluster.submit(3, 1) for _ in range(3)]
        cluster.wait_until_empty()
        cluster.expect_all_completed(jobs)
        cluster.expect_no_double_booking()
        expect(cluster.times_said("started job") > started, "the planner did not act again")
        expect(cluster.figures()["wattfill_planner_losses_total"] == 1, "the loss was not counted")


def modes_switched_under_load():
    with RealCluster(mode="act") as cluster:
        cluster.wait_until_said("the planner schedules")
        jobs = []
        for mode in ("stock", "act", "observe", "act"):
            jobs += [cluster.submit(nodes, 1) for nodes in (2, 5, 1, 6)]
            before = cluster.times_said(f"wattfill: mode {mode}")
            cluster.set_mode(mode)
            cluster.wait_until_said(f"wattfill: mode {mode}", before + 1, patience_s=15)
        # A file with a mistake: the settings stay, and the log says once what is wrong.
        cluster.set_mode("fast")
        cluster.wait_until_said("\"fast\" is none of stock, observe, act")
        jobs += [cluster.submit(2, 1)]
        cluster.reconfigure()
        cluster.wait_until_empty()
        cluster.expect_all_completed(jobs)
        cluster.expect_no_double_booking()
        expect(cluster.times_said("\"fast\" is none of") == 1, "a bad file is reported more than once")
        expect(cluster.figures()["wattfill_mode{mode=\"act\"}"] == 1, "a bad file changed the mode")


def heterogeneous_job_arrives():
    with RealCluster(mode="act", drop_in=True) as cluster:
        cluster.wait_until_said("the planner schedules")
        jobs = [cluster.submit(8, 3) for _ in range(2)]
        het = cluster.submit(1, 0, 2, ":", "-N2", text="#!/bin/sh\nexec sleep 1\n")
        cluster.wait_until_said("which is heterogeneous")
        cluster.wait("the heterogeneous job has run", lambda: het in {e["JobId"] for e in cluster.ended()})
        cluster.wait_until_said("the planner schedules", times=2)
        jobs += [cluster.submit(3, 1)]
        cluster.wait_until_empty()
        cluster.expect_all_completed([*jobs, het])
        cluster.expect_no_double_booking()


def users_see_what_is_expected():
    with RealCluster(nodes=4, mode="act", settings=("expected_interval_seconds = 1",)) as cluster:
        cluster.wait_until_said("the planner schedules")
        first, second, third = (cluster.submit(4, 20) for _ in range(3))
        cluster.wait("the expected start", lambda: "N/A" not in cluster.client("squeue", "-h", "-j", third, "-o", "%S"))
        cluster.wait("job 1 runs", lambda: cluster.queue()[first] == "RUNNING")
        cluster.wait("a reason", lambda: "Resources" in cluster.client("squeue", "-h", "-j", second, "-o", "%r"))
        starts = [cluster.client("squeue", "-h", "-j", job, "-o", "%S") for job in (first, second, third)]
        expect(starts == sorted(starts) and len(set(starts)) == 3, f"starts as shown: {starts}")
        reason = cluster.client("squeue", "-h", "-j", third, "-o", "%r").strip()
        expect(reason == "Priority", f"the reason of a job behind the first: {reason}")
        shown = cluster.client("scontrol", "show", "job", third)
        expect("AdminComment=wattfill: predicted runtime 120 s" in shown, f"scontrol shows {shown}")


run(stock_mode_runs_jobs, acting_runs_all_jobs_on_nodes_of_their_own, observing_leaves_the_work_to_stock,
    planner_killed_while_it_acts, modes_switched_under_load, heterogeneous_job_arrives,
    users_see_what_is_expected)
