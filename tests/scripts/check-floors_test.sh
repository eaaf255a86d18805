#!/usr/bin/env bash
# scripts/check-floors on small made-up trees, and on the real one.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

floors=$project/scripts/check-floors
tree=$work/tree

# file PATH INCLUDE...: a source file in the tree with these includes.
file() {
  mkdir -p "$(dirname -- "$tree/$1")"
  (($# == 1)) || printf '#include "%s"\n' "${@:2}" >"$tree/$1"
  (($# > 1)) || printf '#include <vector>\n' >"$tree/$1"
}
new_tree() {
  rm -rf "$tree"
  file backfill/model/job.hpp
  file backfill/timeline/timeline.hpp backfill/model/job.hpp
  file backfill/policy/scheduler.hpp backfill/timeline/timeline.hpp backfill/model/job.hpp
  file backfill/config/policy_file.cpp backfill/config/policy.pb.h backfill/policy/scheduler.hpp
  file runtime-predictor/last_two.cpp backfill/model/job.hpp
  file trace-replay/engine/engine.hpp backfill/policy/scheduler.hpp runtime-predictor/last_two.hpp
  file trace-replay/validate/judge.cpp trace-replay/validate/judge.hpp trace-replay/swf/swf_reader.hpp
  file trace-replay/swf/swf_reader.hpp backfill/model/job.hpp
}
# rejects PATH INCLUDE WHAT: with this one include more, the tree is rejected for that reason, and the place is named.
rejects() {
  new_tree
  file "$1" "$2"
  expect_status 1 "$floors" "$tree"
  expect_text "$work/out" "$1"
  expect_text "$work/out" "$3"
}

new_tree
expect_status 0 "$floors" "$tree"
expect_equal "" "$(cat "$work/out")" "output on a sound tree"

rejects backfill/model/a.hpp backfill/timeline/timeline.hpp "backfill/model may include itself only"
rejects backfill/model/a.hpp runtime-predictor/last_two.hpp "backfill/model may include itself only"
rejects backfill/timeline/a.cpp backfill/policy/scheduler.hpp "backfill/timeline may include"
rejects backfill/policy/a.cpp backfill/config/policy_file.hpp "backfill/policy may include"
rejects backfill/policy/a.cpp trace-replay/engine/engine.hpp "backfill/policy may include"
rejects backfill/config/a.cpp trace-replay/errors.hpp "backfill/config may include"
rejects runtime-predictor/a.cpp backfill/policy/scheduler.hpp "runtime-predictor may include"
rejects runtime-predictor/a.cpp backfill/models/other.hpp "runtime-predictor may include"
rejects trace-replay/engine/a.cpp plugin/abi.h "trace-replay may include"
rejects trace-replay/validate/a.cpp trace-replay/engine/engine.hpp "must not reach trace-replay/engine/engine.hpp"
rejects trace-replay/validate/a.cpp backfill/timeline/timeline.hpp "must not reach backfill/timeline/timeline.hpp"
rejects trace-replay/swf/a.cpp ../engine/engine.hpp "from the root"
rejects trace-replay/swf/a.cpp swf_reader.hpp "from the root"
rejects backfill/gadgets/a.hpp backfill/model/job.hpp "stands on no floor"

# The judge must not get at the scheduler through somebody else's header either; the way there is told.
new_tree
file trace-replay/swf/swf_reader.hpp trace-replay/workload/w.hpp
file trace-replay/workload/w.hpp backfill/policy/scheduler.hpp
expect_status 1 "$floors" "$tree"
expect_text "$work/out" "judge.cpp -> trace-replay/swf/swf_reader.hpp -> trace-replay/workload/w.hpp"

# The line is told, blanks before and after the # do not hide an include.
new_tree
printf '// first\n\n  #  include "backfill/policy/scheduler.hpp"\n' >"$tree/backfill/model/a.hpp"
expect_status 1 "$floors" "$tree"
expect_text "$work/out" "backfill/model/a.hpp:3: includes"

# A tree without sources is an error, not a success.
mkdir -p "$work/empty"
expect_status 1 "$floors" "$work/empty"
expect_status 0 "$floors" --help

expect_status 0 "$floors"
finish
