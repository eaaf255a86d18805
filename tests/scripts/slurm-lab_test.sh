#!/usr/bin/env bash
# scripts/slurm-lab: its words, and that it leaves alone what is not its own. The clusters themselves: tests/plugin/slurm.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
need python3

lab=$project/scripts/slurm-lab
expect_status 0 "$lab" --help
expect_text "$work/out" "Examples:"
expect_status 2 "$lab"
expect_status 2 "$lab" up --mode fast
expect_text "$work/err" "'stock', 'observe', 'act'"
expect_status 2 "$lab" run --dir "$work/lab"
expect_text "$work/err" "run needs a command"

# Nothing is up.
expect_status 1 "$lab" status --dir "$work/lab"
expect_text "$work/out" "no lab is up"
expect_status 0 "$lab" down --dir "$work/lab"

# A folder with something in it is not taken.
[[ -x /usr/sbin/slurmctld-wlm && -x /usr/sbin/slurmd-wlm ]] || { finish && exit 0; }
mkdir "$work/full"
echo precious >"$work/full/file"
expect_status 75 "$lab" up --dir "$work/full" --scheduler backfill
expect_text "$work/err" "holds something else"
expect_equal precious "$(cat "$work/full/file")" "the file that was there"

# A command's status is that of the whole, and nothing is left running.
expect_status 3 "$lab" run --dir "$work/lab" --scheduler backfill --nodes 2 -- bash -c 'sinfo -h -o %D && exit 3'
expect_text "$work/out" 2
expect_status 1 "$lab" status --dir "$work/lab"
finish
