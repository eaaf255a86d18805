"""Faults and job kinds with real daemons; longer than every run can wait for."""

import random
import signal
import time

from real_cluster import RealCluster, expect, run


def acting(**options):
    return RealCluster(mode="act", **options)


def sixty_four_nodes():
    chance = random.Random(64)
    with acting(nodes=64, accelerate=10) as cluster:
        cluster.wait_until_said("the planner schedules")
        jobs = [cluster.submit(chance.choice((1, 2, 4, 8, 16, 32, 64)), chance.randint(5, 120), chance.randint(4, 8))
                for _ in range(150)]
        cluster.wait_until_empty(300)
        cluster.expect_all_completed(jobs)
        cluster.expect_no_double_booking()
        expect(cluster.times_said("started job") == len(jobs), "not all jobs were started by the planner's proposals")
        cluster.expect_rerun_decides_the_same()


def planner_hangs():
    with acting(settings=("planner_deadline_ms = 500",)) as cluster:
        cluster.wait_until_said("the planner schedules")
        cluster.kill("wattfilld", signal.SIGSTOP)
        jobs = [cluster.submit(4, 1) for _ in range(4)]
        cluster.wait_until_said("no answer in time")
        # The controller answers all the while, and stock scheduling starts the jobs.
        began = time.monotonic()
        cluster.client("squeue")
        expect(time.monotonic() - began < 2, "the controller hangs with the planner")
        cluster.wait_until_empty()
        cluster.kill("wattfilld", signal.SIGCONT)
        cluster.wait_until_said("the planner schedules", times=2, patience_s=60)
        jobs += [cluster.submit(2, 1)]
        cluster.wait_until_empty()
        cluster.expect_all_completed(jobs)
        cluster.expect_no_double_booking()


def controller_killed():
    with acting() as cluster:
        cluster.wait_until_said("the planner schedules")
        jobs = [cluster.submit(3, 15), cluster.submit(3, 25)] + [cluster.submit(3, 2) for _ in range(6)]
        cluster.wait_until_said("started job", times=2)
        time.sleep(7)  # the controller saves within 5 s; what it has not saved is lost with stock scheduling too
        cluster.kill("slurmctld")
        time.sleep(1)
        cluster.start_controller()
        cluster.wait_until_empty(120)
        cluster.expect_all_completed(jobs)
        cluster.expect_no_double_booking()
        starts = [line.split("started job ")[1].split()[0] for line in cluster.said() if "started job" in line]
        expect(len(starts) == len(set(starts)), f"a job was started twice: {starts}")


def job_arrays():
    with acting(settings=("array_tasks = 3",)) as cluster:
        cluster.wait_until_said("the planner schedules")
        wide = cluster.submit(2, 1, 2, "--array=1-12")
        limited = cluster.submit(1, 1, 2, "--array=5,7,9,11%2")
        after = cluster.submit(8, 1, 2, f"--dependency=afterok:{wide}")
        cluster.wait_until_empty(120)
        ended = cluster.ended()
        expect(len(ended) == 17 and all(e["JobState"] == "COMPLETED" for e in ended), f"ended: {ended}")
        cluster.expect_no_double_booking()
        expect(cluster.times_said("started job") == 17, "not all tasks were started by the planner's proposals")
        expect(cluster.times_said(f"started job {limited}_") == 4, "the limited array's tasks were not all started")
        cluster.expect_rerun_decides_the_same()
        last = [line for line in cluster.said() if "started job" in line][-1]
        expect(f"started job {after} " in last, f"the dependent job did not wait: {last}")


def held_modified_requeued_and_cancelled():
    with acting() as cluster:
        cluster.wait_until_said("the planner schedules")
        blocker = cluster.submit(8, 6)
        held = cluster.submit(2, 1, 2, "--hold")
        narrowed = cluster.submit(8, 1)
        cancelled = cluster.submit(4, 1)
        requeued = cluster.submit(4, 4, 2, "--requeue")
        cluster.client("scontrol", "update", f"jobid={narrowed}", "numnodes=3")
        cluster.client("scancel", cancelled)
        cluster.wait("the job to requeue runs", lambda: cluster.queue().get(requeued) == "RUNNING")
        cluster.client("scontrol", "requeue", requeued)
        cluster.client("scontrol", "release", held)
        cluster.wait_until_empty(200)
        cluster.expect_all_completed([blocker, held, narrowed])
        states = [entry["JobState"] for entry in cluster.ended() if entry["JobId"] == requeued]
        expect(states[-1] == "COMPLETED", f"the requeued job: {states}")
        nodes = [entry["NodeCnt"] for entry in cluster.ended() if entry["JobId"] == narrowed]
        expect(nodes == ["3"], f"the narrowed job ran on {nodes} nodes")
        cluster.expect_no_double_booking()


def nodes_drained_and_killed():
    with acting(conf=("SlurmdTimeout=8",)) as cluster:
        cluster.wait_until_said("the planner schedules")
        cluster.client("scontrol", "update", "nodename=n8", "state=drain", "reason=test")
        jobs = [cluster.submit(3, 2, 2, "--requeue") for _ in range(4)]
        too_wide = cluster.submit(8, 1)
        cluster.wait_until_said("started job", times=2)
        cluster.kill("slurmd-n7")
        cluster.wait("n7 is down", lambda: "down" in cluster.client("sinfo", "-h", "-n", "n7", "-o", "%T"), 60)
        cluster.wait("what fits has run", lambda: set(cluster.queue().values()) <= {"PENDING", "COMPLETED"}
                     and list(cluster.queue().values()).count("PENDING") == 1, 120)
        cluster.start_node(7)
        cluster.client("scontrol", "update", "nodename=n8", "state=resume")
        cluster.wait_until_empty(120)
        cluster.expect_all_completed([*jobs, too_wide])
        expect(not [e for e in cluster.ended() if "n8" in e["NodeList"] and e["JobId"] != too_wide], "n8 was drained")


def jobs_share_nodes_by_core():
    chance = random.Random(5)
    with acting(shared=True, cpus=4, accelerate=10) as cluster:
        cluster.wait_until_said("the planner schedules")
        jobs = [cluster.submit(1, chance.randint(10, 60), 2, "-n", str(chance.randint(1, 12)), "-N1-8")
                for _ in range(30)]
        # On one node, of which the planner knows nothing.
        jobs += [cluster.submit(1, chance.randint(10, 60), 2, "-n", str(chance.randint(2, 4))) for _ in range(30)]
        cluster.wait_until_empty(200)
        cluster.expect_all_completed(jobs)
        expect(cluster.times_said("started job") == len(jobs), "not all jobs were started by the planner's proposals")


def reservations_are_left_alone():
    with acting() as cluster:
        cluster.wait_until_said("the planner schedules")
        cluster.client("scontrol", "create", "reservation", "reservationname=now", "starttime=now", "duration=60",
                       "nodes=n[1-4]", "users=root")
        cluster.client("scontrol", "create", "reservation", "reservationname=later", "starttime=now+10hours",
                       "duration=60", "nodes=n[5-8]", "users=root")
        jobs = [cluster.submit(2, 1) for _ in range(4)]
        cluster.wait_until_empty()
        cluster.expect_all_completed(jobs)
        expect(cluster.times_said("started job") == 4, "a reservation keeps the planner from scheduling")
        expect({e["NodeList"] for e in cluster.ended()} <= {"n[5-6]", "n[7-8]", "n[6-7]", "n[5,7]", "n[5,8]", "n[6,8]"},
               f"jobs ran on reserved nodes: {cluster.ended()}")
        # A job that would run into the later one, and a job within a reservation, are stock's.
        long = cluster.submit(2, 1, 11 * 60)
        cluster.wait_until_said("begins before jobs that wait would end")
        cluster.client("scancel", long)
        cluster.wait_until_said("the planner schedules", times=2)
        inside = cluster.submit(2, 1, 2, "--reservation=now")
        cluster.wait_until_said(f"job {inside} waits, which asks for a reservation")
        cluster.wait_until_empty()
        cluster.expect_no_double_booking()


def licences_are_a_resource():
    with acting(conf=("Licenses=solver:2,cad@there:1",)) as cluster:
        cluster.wait_until_said("the planner schedules")
        first = cluster.submit(2, 10, 5, "-L", "solver:2")
        cluster.wait("the first runs", lambda: cluster.queue()[first] == "RUNNING")
        second = cluster.submit(2, 2, 1, "-L", "solver:1,cad@there:1")
        beside, for_long = cluster.submit(2, 2, 1, "-L", "cad@there:1"), cluster.submit(4, 1, 30)
        cluster.wait("those that need no solver run", lambda: {cluster.queue()[beside], cluster.queue()[for_long]}
                     <= {"RUNNING", "COMPLETING", "COMPLETED"}, 8)
        states = cluster.queue()
        expect((states[first], states[second]) == ("RUNNING", "PENDING"), f"{states}")
        cluster.wait_until_empty(60)
        cluster.expect_all_completed([first, second, beside, for_long])
        # More are bought.
        file = cluster.dir / "slurm.conf"
        file.write_text(file.read_text().replace("solver:2", "solver:4"))
        cluster.reconfigure()
        pair = [cluster.submit(2, 4, 1, "-L", "solver:2") for _ in range(2)]
        cluster.wait("both run at a time", lambda: [cluster.queue()[job] for job in pair] == ["RUNNING"] * 2, 20)
        cluster.wait_until_empty(60)
        cluster.expect_all_completed(pair)
        expect(cluster.times_said("started job") == 6, "not all jobs were started by the planner's proposals")
        figures = cluster.figures()
        expect(figures["wattfill_refused_total"] == 0 and figures["wattfill_planner_losses_total"] == 0, f"{figures}")
        cluster.expect_no_double_booking()
        cluster.expect_rerun_decides_the_same()


run(sixty_four_nodes, planner_hangs, controller_killed, job_arrays, held_modified_requeued_and_cancelled,
    nodes_drained_and_killed, jobs_share_nodes_by_core, licences_are_a_resource, reservations_are_left_alone)
