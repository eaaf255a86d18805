#!/usr/bin/env bash
# scripts/run in a project of its own, with stand-ins for cmake and trace-replay.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

copy_scripts
run=$work/project/scripts/run
stand_in setup
mv "$work/bin/setup" "$work/project/scripts/setup"
program=$work/project/build/release/bin/trace-replay
# shellcheck disable=SC2016  # for the stand-in to expand
stand_in trace-replay '[[ $1 != compare ]] || echo "policy table"' 'exit "${REPLAY_STATUS:-0}"'
mkdir -p "${program%/*}"
mv "$work/bin/trace-replay" "$program"
stand_in cmake "exit \${CMAKE_STATUS:-0}"
export PATH=$work/bin:$PATH
mkdir "$work/elsewhere"
cd "$work/elsewhere"

# The default: generate, then compare on what was generated; the last line names the report.
expect_status 0 "$run"
mapfile -t calls < <(grep '^trace-replay' "$work/calls")
expect_equal "trace-replay generate --jobs 5000 --procs 128 --load 0.7 --seed 1 --output wattfill-run/workload.swf --quiet" \
  "${calls[0]}" "first call"
expect_equal "trace-replay compare wattfill-run/workload.swf --cluster taurus-128 --allocation \
whole-nodes --energy --policies easy,fcfs,easy-sjbf,easy++,conservative,saf,wattfill,wattfill-guaranteed,easy-energy,\
wattfill-energy --output wattfill-run" "${calls[1]}" "second call"
expect_text "$work/calls" "setup "
expect_text "$work/calls" "--target trace-replay"
expect_text "$work/out" "policy table"
expect_equal "Report: $work/elsewhere/wattfill-run/report.html" "$(tail -n 1 "$work/out")" "last line"

# The run directory by argument and by option, with a blank in it.
expect_status 0 "$run" "my run"
expect_equal "Report: $work/elsewhere/my run/report.html" "$(tail -n 1 "$work/out")" "last line"
expect_status 0 "$run" --output "$work/other/run"
expect_equal "Report: $work/other/run/report.html" "$(tail -n 1 "$work/out")" "last line"

# After --, the program gets its arguments as they are, and its status is handed back.
: >"$work/calls"
REPLAY_STATUS=3 expect_status 3 "$run" -- run "a trace.swf" --procs 4
expect_text "$work/calls" "trace-replay run a trace.swf --procs 4"
expect_no_text "$work/calls" "generate"

# A build that fails ends it there; so does a workload that cannot be generated.
: >"$work/calls"
CMAKE_STATUS=1 expect_status 1 "$run"
expect_no_text "$work/calls" "trace-replay generate"
REPLAY_STATUS=4 expect_status 4 "$run"
expect_no_text "$work/calls" "compare"

expect_status 2 "$run" one two
expect_status 2 "$run" --
expect_status 2 "$run" --procs 4
expect_text "$work/err" "after --"
expect_status 0 "$run" --help
finish
