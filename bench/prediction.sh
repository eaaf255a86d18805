#!/usr/bin/env bash
# What runtime prediction costs a job, as a Markdown table. A part of scripts/bench.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/lib.sh"
# shellcheck source=bench/lib.sh
source "$root/bench/lib.sh"

if trace=$(plain_trace HPC2N-2002-2.2-cln.swf.gz); then
  say "runtime prediction: HPC2N"
  "$BENCH_BUILD/bench/predictor_bench" "$trace" --procs 240 </dev/null
fi
