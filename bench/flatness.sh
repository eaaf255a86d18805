#!/usr/bin/env bash
# Does the cost of a job stay flat as the queue grows? A Markdown table. A part of scripts/bench.
#
# Two generated workloads that differ in their load only. At a load of 1.2 the queue grows with the trace, so the number
# of jobs decides how long it becomes. With seed 1 on 256 processors a million jobs give EASY a queue of 31,000, four
# million one of 160,000; four million are what SAF needs to pass 50,000, because orders that start small jobs first
# leave only the wide ones waiting. F1 and F2 stay below 20,000 even so; the table shows how far each order came.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/lib.sh"
# shellcheck source=bench/lib.sh
source "$root/bench/lib.sh"

jobs=$(by_size 100000 4000000 4000000)
repetitions=$(by_size 1 2 5)

say "flatness: generating twice $jobs jobs"
low=$(generated_trace lublin-256-load-0.7 --procs 256 --jobs "$jobs" --load 0.7)
high=$(generated_trace lublin-256-load-1.2 --procs 256 --jobs "$jobs" --load 1.2)
say "flatness: ten policies at loads 0.7 and 1.2"
"$BENCH_BUILD/bench/flatness_bench" "$low" "$high" 256 --repetitions "$repetitions" </dev/null
rm -f -- "$low" "$high"
