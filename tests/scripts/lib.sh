# shellcheck shell=bash
# What the tests of the scripts share: a temporary folder, stand-ins for programs, and assertions. Sourced, not run.

project=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

failures=0
# fail MESSAGE...: counts a failure and shows what the last command of expect_status said.
fail() {
  printf 'FAILED: %s\n' "$*" >&2
  sed 's/^/  | /' "$work/out" "$work/err" >&2 2>/dev/null || true
  failures=$((failures + 1))
}

# Ends a test; its status is that of the whole.
finish() {
  ((failures == 0)) || { printf '%d failed\n' "$failures" >&2 && exit 1; }
  echo passed
}

# need TOOL...: the test is skipped (status 77) where a tool is missing.
need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "skipped: there is no $tool here" && exit 77; }
  done
}

# expect_status STATUS COMMAND...: runs it without standard input, its output in $work/out and $work/err.
expect_status() {
  local wanted=$1 status=0
  shift
  "$@" </dev/null >"$work/out" 2>"$work/err" || status=$?
  [[ $status == "$wanted" ]] || fail "status $status instead of $wanted: $*"
}

# expect_text FILE TEXT: the file holds the text.
expect_text() { grep -qF -- "$2" "$1" || fail "no \"$2\" in ${1##*/}"; }
expect_no_text() { ! grep -qF -- "$2" "$1" || fail "\"$2\" in ${1##*/}"; }
# expect_equal WANTED FOUND WHAT
expect_equal() { [[ $1 == "$2" ]] || fail "$3: \"$2\" instead of \"$1\""; }

# stand_in NAME [LINE...]: a program of that name in $work/bin that notes its arguments in $work/calls, then runs the lines.
stand_in() {
  local name=$1
  shift
  mkdir -p "$work/bin"
  {
    printf '#!/bin/bash\nprintf "%%s\\n" "%s $*" >>"%s"\n' "$name" "$work/calls"
    printf '%s\n' "$@"
  } >"$work/bin/$name"
  chmod +x "$work/bin/$name"
}

# copy_scripts: a project of its own in $work/project, whose scripts can do no harm to the real build folder.
copy_scripts() {
  mkdir -p "$work/project"
  cp -R "$project/scripts" "$work/project/"
}
