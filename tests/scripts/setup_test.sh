#!/usr/bin/env bash
# scripts/setup against stand-ins for dpkg-query, apt-get, sudo and id: nothing is installed here.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# A copy, so that the scripts that it calls for the headers of Slurm and for ECharts can be stand-ins.
copy_scripts
setup=$work/project/scripts/setup
# shellcheck disable=SC2016  # for the stand-in to expand
printf '#!/bin/bash\necho headers >>"%s"\nexit "${HEADERS_STATUS:-0}"\n' "$work/calls" >"$work/project/scripts/slurm-headers"
# shellcheck disable=SC2016  # for the stand-in to expand
printf '#!/bin/bash\necho echarts >>"%s"\nexit "${ECHARTS_STATUS:-0}"\n' "$work/calls" >"$work/project/scripts/fetch-echarts"
printf 'ID=debian\nVERSION_ID="12"\n' >"$work/debian12"
printf 'ID=fedora\nVERSION_ID="40"\n' >"$work/fedora40"
export WATTFILL_OS_RELEASE=$work/debian12

# A PATH with the tools that the script and this test need and nothing else.
mkdir -p "$work/bin"
for tool in bash dirname cat chmod grep mkdir mktemp env rm sed tail; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done
export PATH=$work/bin
stand_in id 'echo 0'
stand_in apt-get "[[ \$* != *\${APT_FAILS_AT:-never}* ]] || { echo 'E: no such thing'; exit 100; }" \
  "echo \"frontend \$DEBIAN_FRONTEND\" >>'$work/calls'"
# Installed is everything but what the file "missing" names.
stand_in dpkg-query "'$setup' --checks --list | grep -vxFf '$work/missing' | sed 's/^/installed /'"
apt_calls() { grep -c '^apt-get' "$work/calls" || true; }

# Nothing is missing: apt is left alone, nothing is printed.
echo none >"$work/missing"
: >"$work/calls"
expect_status 0 "$setup" --checks
expect_equal 0 "$(apt_calls)" "calls of apt-get when nothing is missing"
expect_equal "" "$(cat "$work/out" "$work/err")" "output when nothing is missing"

# Two are missing: one update, then one installation of exactly these, without questions.
printf '%s\n' zlib1g-dev shellcheck >"$work/missing"
: >"$work/calls"
expect_status 0 "$setup" --checks
expect_equal 2 "$(apt_calls)" "calls of apt-get"
expect_text "$work/calls" " update"
expect_text "$work/calls" "install --no-install-recommends zlib1g-dev shellcheck"
expect_text "$work/calls" "frontend noninteractive"

# Without --checks shellcheck is not asked for.
: >"$work/calls"
expect_status 0 "$setup"
grep -q 'recommends zlib1g-dev$' "$work/calls" || fail "not only zlib1g-dev is installed: $(cat "$work/calls")"

# An npm that Debian does not know of is left alone; without any, Debian's is installed.
echo npm >"$work/missing"
stand_in npm
: >"$work/calls"
expect_status 0 "$setup"
expect_equal 0 "$(apt_calls)" "calls of apt-get where npm is from elsewhere"
rm "$work/bin/npm"
expect_status 0 "$setup"
expect_text "$work/calls" "install --no-install-recommends npm"
echo zlib1g-dev >"$work/missing"

# An update that fails is a warning, an installation that fails is an error that shows what apt said.
APT_FAILS_AT=update expect_status 0 "$setup"
expect_text "$work/err" "apt-get update failed"
APT_FAILS_AT=install expect_status 1 "$setup"
expect_text "$work/err" "E: no such thing"
expect_text "$work/err" "could not install: zlib1g-dev"

# The headers of Slurm: on request and with --checks; there, but not on request, the build goes on without them.
: >"$work/calls"
expect_status 0 "$setup"
expect_no_text "$work/calls" headers
expect_status 0 "$setup" --slurm
expect_text "$work/calls" headers
HEADERS_STATUS=1 expect_status 1 "$setup" --slurm
expect_text "$work/err" "cannot be built"
HEADERS_STATUS=1 expect_status 0 "$setup" --checks
expect_text "$work/err" "will not be built"
expect_status 0 "$setup" --slurm --list
expect_text "$work/out" slurmctld

# ECharts: at every call, and its absence is a warning.
: >"$work/calls"
expect_status 0 "$setup"
expect_text "$work/calls" echarts
ECHARTS_STATUS=1 expect_status 0 "$setup"
expect_text "$work/err" "tables in place of charts"

# Not root: through sudo where it is, else the command for an administrator.
stand_in id 'echo 1000'
# shellcheck disable=SC2016  # for the stand-in to expand
stand_in sudo 'exec "$@"'
: >"$work/calls"
expect_status 0 "$setup"
expect_text "$work/calls" "sudo env DEBIAN_FRONTEND=noninteractive apt-get"
rm "$work/bin/sudo"
expect_status 1 "$setup"
expect_text "$work/err" "apt-get install zlib1g-dev"

# Another system: the packages are named; it goes on only if the tools are there.
export WATTFILL_OS_RELEASE=$work/fedora40
expect_status 1 "$setup"
expect_text "$work/err" "not Debian 12"
expect_text "$work/err" "libprotobuf-dev"
expect_text "$work/err" "not in the PATH: g++ cmake ninja pkg-config protoc"
for tool in g++ cmake ninja pkg-config protoc; do stand_in "$tool"; done
expect_status 0 "$setup"
expect_text "$work/err" "going on"
expect_status 1 "$setup" --checks
expect_text "$work/err" "clang-tidy"

expect_status 2 "$setup" --frobnicate
expect_text "$work/err" "unknown argument --frobnicate"
expect_status 0 "$setup" --help
expect_text "$work/out" "Examples:"
finish
