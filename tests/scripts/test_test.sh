#!/usr/bin/env bash
# scripts/test in a project of its own, with stand-ins for cmake, ctest and a fuzz target.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

copy_scripts
test=$work/project/scripts/test
stand_in setup
mv "$work/bin/setup" "$work/project/scripts/setup"
# shellcheck disable=SC2016  # for the stand-ins to expand
{
  stand_in cmake '[[ "$*" != *"${CMAKE_FAILS_AT:-never}"* ]]'
  stand_in ctest 'echo "${SUMMARY:-100% tests passed, 0 tests failed out of 7}"' \
    '[[ -z ${SKIPPED:-} ]] || seq -f "skipped %g" 20' '[[ "$*" != *"${CTEST_FAILS_AT:-never}"* ]]'
  stand_in clang++
  stand_in swf_reader_fuzz 'echo "stat::number_of_executed_units: 4711" >&2' 'exit "${FUZZ_STATUS:-0}"'
}
mkdir -p "$work/project/build/"{dev,release,fuzz/bin} "$work/project/tests/fuzz/corpus/swf"
mv "$work/bin/swf_reader_fuzz" "$work/project/build/fuzz/bin/"
export PATH=$work/bin:$PATH FUZZ_SECONDS=3
summary="100% tests passed, 0 tests failed out of 7"
calls() { grep "^$1" "$work/calls"; }

# All parts, the release tests last, their summary at the end.
expect_status 0 "$test"
expect_equal "$summary" "$(tail -n 1 "$work/out")" "last line"
expect_text "$work/out" "swf_reader_fuzz: no finding in 3 s, 4711 inputs"
expect_text "$work/calls" "setup --checks"
expect_equal "dev release" "$(calls ctest | sed 's|.*/build/\([a-z]*\) .*|\1|' | paste -sd ' ')" "order of ctest"
calls ctest | tail -n 1 | grep -qF -- '--label-exclude ^nightly$' || fail "nightly tests are not left out"
calls swf_reader_fuzz | grep -q -- '-max_total_time=3 .*/tests/fuzz/corpus/swf$' || fail "fuzzing time or seeds: $(calls swf)"

# Quick: only the release build. All: with the nightly tests.
: >"$work/calls"
expect_status 0 "$test" --quick
expect_equal 1 "$(calls ctest | wc -l)" "calls of ctest"
expect_no_text "$work/calls" "--preset dev"
: >"$work/calls"
expect_status 0 "$test" --all
calls ctest | tail -n 1 | grep -q -- label-exclude && fail "--all leaves tests out"

# The summary is the last line even if ctest lists many skipped tests after it.
SKIPPED=yes expect_status 0 "$test" --quick
expect_equal "$summary" "$(tail -n 1 "$work/out")" "last line after a long list"

# A failing part fails the whole and is named, and what follows still runs.
for broken in "CTEST_FAILS_AT=build/dev|sanitizers" "CMAKE_FAILS_AT=dev|sanitizers" "FUZZ_STATUS=77|fuzzing" \
  "CMAKE_FAILS_AT=--preset fuzz|fuzzing"; do
  expect_status 1 env "${broken%|*}" "$test"
  expect_equal "$summary" "$(tail -n 1 "$work/out")" "last line with ${broken%|*}"
  grep "failed: .*${broken#*|}" "$work/err" >/dev/null || fail "${broken#*|} is not named"
done
SUMMARY="86% tests passed, 1 tests failed out of 7" CTEST_FAILS_AT=release expect_status 1 "$test"
expect_text "$work/err" "failed: tests of the release build"
CMAKE_FAILS_AT=release expect_status 1 "$test" --quick

# Fuzzing without a target proves nothing, so it fails.
rm "$work/project/build/fuzz/bin/swf_reader_fuzz"
expect_status 1 "$test"
expect_text "$work/err" "no fuzz target"

expect_status 2 "$test" --quick --all
FUZZ_SECONDS=soon expect_status 2 "$test"
expect_status 2 "$test" --fast
expect_status 0 "$test" --help
finish
