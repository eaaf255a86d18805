#!/usr/bin/env bash
# scripts/check on a small repository of its own: each fault is found and named, and a sound tree passes.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

need git shellcheck clang-format
mkdir -p "$work/project/scripts"
cp "$project"/scripts/{lib.sh,check,check-floors} "$work/project/scripts/"
cd "$work/project"
printf '#!/usr/bin/env bash\n' >scripts/setup
chmod +x scripts/setup
cp "$project/.clang-format" .
mkdir -p .ci backfill/model
printf '#!/usr/bin/env bash\nset -eu\n' >.ci/run
printf '#pragma once\n' >backfill/model/job.hpp
git init --quiet .
git add -A

expect_status 0 scripts/check --no-tidy

# faulty PATH CONTENT WHAT TEXT: with this file the check fails, naming the part and showing the place.
faulty() {
  mkdir -p "$(dirname -- "$1")"
  printf '%b' "$2" >"$1"
  git add -A
  expect_status 1 scripts/check --no-tidy
  cat "$work/out" >>"$work/err"
  expect_text "$work/err" "failed: $3"
  expect_text "$work/err" "$4"
  git rm --quiet -f "$1"
}
faulty backfill/model/a.cpp 'int   a  ;\n' "format" "backfill/model/a.cpp:1"
# shellcheck disable=SC2016  # the fault is the unquoted variable
faulty scripts/careless '#!/bin/bash\nrm $1\n' "shell scripts" "SC2086"
# shellcheck disable=SC2016
faulty tools/careless.sh '#!/bin/sh\nrm $1\n' "shell scripts" "SC2086"
faulty backfill/model/b.hpp '#include "backfill/policy/p.hpp"\n' "floors" "backfill/model/b.hpp:1"
faulty docs/notes.md "first\nTO""DO: more\n" "marks of unfinished work" "docs/notes.md:2"
faulty big.bin "$(head -c 1000001 /dev/zero | tr '\0' x)" "file sizes" "big.bin"

# Every part runs though an earlier one fails.
printf 'int   a  ;\n' >backfill/model/a.cpp
printf 'FIX%s\n' ME >notes.md
git add -A
expect_status 1 scripts/check --no-tidy
expect_text "$work/err" "failed: format"
expect_text "$work/err" "failed: marks of unfinished work"
git rm --quiet -f backfill/model/a.cpp notes.md

# What git does not track is not checked; without git, everything is.
printf 'int   a  ;\n' >backfill/model/a.cpp
expect_status 0 scripts/check --no-tidy
rm -rf .git
expect_status 1 scripts/check --no-tidy

expect_status 2 scripts/check --everything
expect_status 0 scripts/check --help
finish
