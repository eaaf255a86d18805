#!/usr/bin/env bash
# scripts/fetch-echarts with a stand-in for npm: nothing is downloaded here.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

copy_scripts
fetch=$work/project/scripts/fetch-echarts
mkdir -p "$work/bin"
for tool in bash dirname cat chmod grep mkdir mktemp env rm sed tail sha512sum tar; do
  ln -s "$(command -v "$tool")" "$work/bin/$tool"
done
export PATH=$work/bin

# Without npm, and where npm fails, it says so.
expect_status 1 "$fetch"
expect_text "$work/err" "there is no npm"
# shellcheck disable=SC2016  # for the stand-in to expand
stand_in npm '[[ -z ${NPM_FAILS:-} ]] || { echo "no such host" >&2; exit 6; }' \
  'echo something else >"${3/@/-}.tgz"'
NPM_FAILS=yes expect_status 1 "$fetch"
expect_text "$work/err" "no such host"

# Another package than the one known is refused, and nothing is left of it.
: >"$work/calls"
expect_status 1 "$fetch" --to "$work/there"
expect_text "$work/err" "another checksum"
expect_text "$work/calls" "npm pack --silent echarts@"
[[ ! -e $work/there ]] || fail "something was left of a package that was refused"

# What is there is not fetched again.
mkdir "$work/there"
echo script >"$work/there/echarts.min.js"
printf '%s %s\n' "$(sed -n 's/^version=//p' "$fetch")" "$(sed -n 's/^sha512=//p' "$fetch")" >"$work/there/.stamp"
: >"$work/calls"
expect_status 0 "$fetch" --to "$work/there"
expect_equal "" "$(cat "$work/calls" "$work/out" "$work/err")" "what it did and said when nothing is missing"

expect_status 2 "$fetch" --frobnicate
expect_status 2 "$fetch" --to
expect_status 0 "$fetch" --help
expect_text "$work/out" "Example:"
finish
