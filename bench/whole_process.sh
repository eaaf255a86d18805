#!/usr/bin/env bash
# Whole processes, from opening the plain trace to the summary: wall and user time, peak memory, as a Markdown table.
# A part of scripts/bench.
#
# The first run of each command reads the file into the page cache and gives the memory (GNU time); the others are
# timed by the shell, whose clock shows milliseconds where GNU time shows hundredths of a second.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/lib.sh"
# shellcheck source=bench/lib.sh
source "$root/bench/lib.sh"

gnu_time=/usr/bin/time
[[ -x $gnu_time ]] || die 1 "$gnu_time is missing: install the package time (scripts/setup --checks)"
export LC_ALL=C
TIMEFORMAT='%3R %3U'

# The least and the median of a column of numbers on standard input.
least_and_median() {
  sort -n | awk '{ value[NR] = $1 }
    END { half = int((NR + 1) / 2); print value[1], NR % 2 ? value[half] : (value[half] + value[half + 1]) / 2 }'
}

# measure LABEL TRACE MACHINE POLICY REPETITIONS; MACHINE: so many processors, or a cluster
measure() {
  local label=$1 policy=$4 repetitions=$5 machine=--cluster
  [[ $3 == *[!0-9]* ]] || machine=--procs
  local command=("$program" run "$2" "$machine" "$3" --policy "$4")
  local measured=$BENCH_SCRATCH/whole-process jobs memory i wall wall_median user
  say "whole process: $label, $policy ($repetitions timed)"
  jobs=$("$gnu_time" -f %M -o "$measured.memory" "${command[@]}" --json </dev/null |
    sed -n 's/^  "jobs": \([0-9]*\),$/\1/p')
  memory=$(tail -n 1 "$measured.memory")
  : >"$measured.times"
  for ((i = 0; i < repetitions; ++i)); do
    { time "${command[@]}" --quiet </dev/null; } 2>>"$measured.times"
  done
  read -r wall wall_median < <(cut -d ' ' -f 1 "$measured.times" | least_and_median)
  read -r user _ < <(cut -d ' ' -f 2 "$measured.times" | least_and_median)
  awk -v label="$label" -v policy="$policy" -v jobs="$jobs" -v wall="$wall" -v median="$wall_median" -v user="$user" \
    -v memory="$memory" 'BEGIN {
      printf "| %s | %s | %d | %.3f | %.3f | %.3f | %.1f | %.2f | %.2f |\n", label, policy, jobs, wall, median, user,
        memory / 1024, jobs / wall / 1e6, jobs / median / 1e6 }'
}

repetitions=$(by_size 3 15 31)
printf '%s\n' '| trace | policy | jobs | wall s, least | wall s, median | user s, least | peak MiB | M jobs/s, best | M jobs/s, median |' \
  '|---|---|---:|---:|---:|---:|---:|---:|---:|'
if trace=$(plain_trace HPC2N-2002-2.2-cln.swf.gz); then
  measure "HPC2N, 240 processors" "$trace" 240 easy "$repetitions"
fi
if trace=$(plain_trace SDSC-BLUE-2000-4.2-cln.swf.gz); then
  measure "SDSC-BLUE, 1152 processors" "$trace" 1152 easy "$repetitions"
fi
if trace=$(plain_trace KTH-SP2-1996-2.swf.gz); then
  measure "KTH-SP2, 100 processors" "$trace" 100 conservative "$repetitions"
fi
if trace=$(requested_lublin); then
  measure "lublin_256, requests of 1-5 runtimes" "$trace" 256 conservative "$repetitions"
fi
jobs=$(by_size 100000 1000000 10000000)
say "whole process: generating $jobs jobs for 100,000 processors"
trace=$(generated_trace lublin-100000 --procs 100000 --jobs "$jobs" --load 0.9)
measure "generated, 100,000 processors, load 0.9" "$trace" 100000 easy "$(by_size 1 3 3)"
rm -f -- "$trace"
jobs=$(by_size 50000 200000 1000000)
say "whole process: generating $jobs jobs for 10,000 nodes"
trace=$(generated_trace lublin-hetero-10k --procs 1078400 --jobs "$jobs" --load 0.9)
measure "generated, hetero-10k, whole nodes, metered" "$trace" hetero-10k easy "$(by_size 1 3 3)"
rm -f -- "$trace"
