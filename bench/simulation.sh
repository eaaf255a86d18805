#!/usr/bin/env bash
# The simulation alone: engine and scheduler on a workload in memory, as rows of a Markdown table. A part of scripts/bench.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/lib.sh"
# shellcheck source=bench/lib.sh
source "$root/bench/lib.sh"

repetitions=$(by_size 3 11 21)
head=()

# measure LABEL TRACE MACHINE POLICIES [OPTION...]
measure() {
  local label=$1 trace=$2 machine=$3 policies=$4
  shift 4
  say "simulation alone: $label, $policies"
  "$BENCH_BUILD/bench/replay_bench" "$trace" "$machine" "$policies" --label "$label" \
    --repetitions "$repetitions" --markdown ${head[@]+"${head[@]}"} "$@" </dev/null
  head=(--no-header)
}

if trace=$(plain_trace HPC2N-2002-2.2-cln.swf.gz); then
  measure "HPC2N, 240 processors" "$trace" 240 easy,easy-sjbf,sjf,saf
fi
if trace=$(plain_trace SDSC-BLUE-2000-4.2-cln.swf.gz); then
  measure "SDSC-BLUE, 1152 processors" "$trace" 1152 easy,easy-sjbf,sjf,saf,wfp3,easy++
  measure "SDSC-BLUE, 144 whole nodes, metered" "$trace" sdsc-blue easy --allocation whole-nodes --metered
  measure "SDSC-BLUE, 144 nodes shared by core, metered" "$trace" sdsc-blue easy --allocation cores --metered
fi
if trace=$(plain_trace KTH-SP2-1996-2.swf.gz); then
  measure "KTH-SP2, 100 processors" "$trace" 100 easy,conservative
fi
if trace=$(plain_trace lublin_256.swf); then
  measure "lublin_256, exact requests" "$trace" 256 conservative
fi
if trace=$(requested_lublin); then
  measure "lublin_256, requests of 1-5 runtimes" "$trace" 256 conservative
fi
trace=$(generated_trace lublin-256-load-0.9 --procs 256 --jobs 200000 --load 0.9)
measure "generated, 256 processors, load 0.9" "$trace" 256 easy,easy-sjbf,sjf,saf,wfp3,unicep,f1,f2,f3,f4
