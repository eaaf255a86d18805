#!/usr/bin/env bash
# scripts/sacct-example: what it prints of a run of two jobs.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

example=$project/scripts/sacct-example
expect_status 0 "$example" --help
expect_text "$work/out" "Example:"
expect_status 2 "$example"
expect_status 2 "$example" --fast
expect_status 3 "$example" "$work/none"
expect_text "$work/err" "cannot be read"

mkdir "$work/run"
cat >"$work/run/schedule.swf" <<'TEXT'
; UnixStartTime: 1000
1 5 2 90 3 -1 -1 3 3600 -1 1 0 4 7 0 -1 -1 -1
2 6 0 100000 1 -1 -1 1 100000 -1 1 1 4 8 1 -1 -1 -1
TEXT
cat >"$work/run/jobs.csv" <<'TEXT'
job_id,workload_name,profile,submission_time,requested_number_of_resources,requested_time,success,final_state,starting_time,execution_time,finish_time,waiting_time,turnaround_time,stretch,allocated_resources,consumed_energy,metadata
1,w,,5,3,3600,1,COMPLETED_SUCCESSFULLY,7,90,97,2,92,1,0-1 4,1000.5,
2,w,,6,1,100000,0,COMPLETED_WALLTIME_REACHED,6,100000,100006,0,100000,1,3,2000,
TEXT
expect_status 0 "$example" "$work/run" cn
expect_equal 7 "$(wc -l <"$work/out")" "lines"
expect_text "$work/out" "1001|app7.sh|user00|group4|interactive|batch|COMPLETED|1005|1005|1007|1097|0-00:01:30|0-01:00:00|3|3|cn[0-1,4]|||"
expect_text "$work/out" "1002|app8.sh|user01|group4|normal|batch|TIMEOUT|1006|1006|1006|101006|1-03:46:40|1-03:46:40|1|1|cn3|||"
# 85 % of the joules for user 0, 85 + 15 * 37 / 100 for user 1.
expect_text "$work/out" "cn[0-1,4]|512K|3|850"
expect_text "$work/out" "cn3|512K|1|1811"
finish
