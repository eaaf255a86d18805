#!/usr/bin/env bash
# nightly.sh in a project of its own, with stand-ins for cmake, ctest, clang++ and the fuzz targets.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

copy_scripts
mkdir -p "$work/project/build/fuzz/bin" "$work/project/tests/fuzz/corpus/"{swf,config}
mkdir "$work/project/tests/scripts"
cp "$project/tests/scripts/nightly.sh" "$work/project/tests/scripts/"
nightly=$work/project/tests/scripts/nightly.sh
stand_in cmake
stand_in ctest
stand_in clang++
for target in swf_reader_fuzz config_fuzz; do
  # shellcheck disable=SC2016  # for the stand-in to expand
  stand_in "$target" '[[ $0 != *"${FUZZ_FAILS:-never}"* ]]'
  mv "$work/bin/$target" "$work/project/build/fuzz/bin/"
done
export PATH=$work/bin:$PATH

# Every target runs for the given time, from its seeds and what earlier runs found, though another fails.
FUZZ_SECONDS=7 expect_status 0 bash "$nightly" fuzz
for target in swf_reader:swf config:config; do
  grep "^${target%:*}_fuzz .*-max_total_time=7 .*/build/fuzz/found/${target%:*}_fuzz .*/tests/fuzz/corpus/${target#*:}\$" \
    "$work/calls" >/dev/null || fail "time or seeds of ${target%:*}_fuzz: $(cat "$work/calls")"
done
: >"$work/calls"
FUZZ_FAILS=config_fuzz expect_status 1 bash "$nightly" fuzz
expect_text "$work/err" "failed: config_fuzz"
expect_text "$work/calls" "swf_reader_fuzz "

: >"$work/calls"
expect_status 0 bash "$nightly" tsan
expect_text "$work/calls" "--preset tsan"
expect_text "$work/calls" "--test-dir $work/project/build/tsan"

printf '#!/bin/sh\necho "$@"\n' >"$work/project/scripts/check"
expect_status 0 bash "$nightly" tidy
expect_equal --all "$(cat "$work/out")" "arguments of scripts/check"

expect_status 2 bash "$nightly" everything
expect_text "$work/err" "known are tidy, tsan and fuzz"
finish
