#!/usr/bin/env bash
# What a pass costs through the C ABI, as a Markdown table. A part of scripts/bench.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/lib.sh"
# shellcheck source=bench/lib.sh
source "$root/bench/lib.sh"

passes=5000
[[ $BENCH_SIZE != quick ]] || passes=200
say "passes through the C ABI: 10,000 nodes, 10,000 waiting jobs"
"$BENCH_BUILD/bench/abi_bench" --passes "$passes" </dev/null
