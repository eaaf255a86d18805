#!/usr/bin/env bash
# scripts/bench with stand-ins for the programs that measure: the report, where it goes, what goes wrong.
set -uo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

bench=$project/scripts/bench
need lscpu gzip /usr/bin/time

# stand_in PATH TEXT...: an executable that prints the text, a line for each argument of its own.
stand_in() {
  local path=$1
  shift
  { printf '#!/bin/sh\ncat <<"TEXT"\n' && printf '%s\n' "$@" && printf 'TEXT\n'; } >"$path"
  chmod +x "$path"
}

build=$work/build
mkdir -p "$build/bin" "$build/bench" "$work/traces" "$work/tmp"
stand_in "$build/bin/trace-replay" '  "jobs": 1234,'
for name in timeline candidate_index scheduler placement core_picker swf; do
  stand_in "$build/bench/${name}_bench" '| operation | time | rate |' '|---|---:|---:|' "| $name | 1 ns | 1 /s |"
done
stand_in "$build/bench/replay_bench" '| replay row |'
stand_in "$build/bench/flatness_bench" '| flatness row |'
stand_in "$build/bench/predictor_bench" '| predictor row |'
stand_in "$build/bench/abi_bench" '| policy row |'
# A sweep on any number of ranks ends with one cell.
mkdir "$work/bin"
cat >"$work/bin/mpirun" <<'TEXT'
#!/bin/sh
while [ "$1" != --output ]; do shift; done
mkdir -p "$2/cells" && echo cell >"$2/cells/1.json"
TEXT
chmod +x "$work/bin/mpirun"
export PATH=$work/bin:$PATH
printf '1\n' | gzip >"$work/traces/KTH-SP2-1996-2.swf.gz"
export WATTFILL_TRACES=$work/traces BENCH_TMP=$work/tmp XDG_CACHE_HOME=$work/nothing

expect_status 0 "$bench" --quick --build "$build"
expect_text "$work/out" "Measured by scripts/bench --quick on "
for row in "| replay row |" "| flatness row |" "| policy row |" "| KTH-SP2, 100 processors | conservative | 1234 |" \
  "| 2, killed three times | 1 | | | | | the same |" "| swf | 1 ns |"; do
  expect_text "$work/out" "$row"
done
[[ $(grep -c '^| operation' "$work/out") == 1 ]] || fail "the head of the table of parts stands there more than once"
[[ -z $(ls -A "$work/tmp") ]] || fail "the scratch folder was left behind"

# Between the marks, and nowhere else.
printf '%s\n' before '<!-- figures: begin -->' old '<!-- figures: end -->' after >"$work/doc.md"
expect_status 0 "$bench" --quick --build "$build" --output "$work/doc.md"
[[ $(head -n 1 "$work/doc.md") == before && $(tail -n 1 "$work/doc.md") == after ]] || fail "the text around was changed"
expect_no_text "$work/doc.md" old
expect_text "$work/doc.md" "| flatness row |"
cp "$work/doc.md" "$work/once.md"
expect_status 0 "$bench" --quick --build "$build" --output "$work/doc.md"
[[ $(wc -l <"$work/doc.md") == $(wc -l <"$work/once.md") ]] || fail "the second report was not put in place of the first"

# A part that fails leaves the file as it was, and the others still run.
printf '#!/bin/sh\nexit 1\n' >"$build/bench/flatness_bench"
cp "$work/doc.md" "$work/once.md"
expect_status 1 "$bench" --quick --build "$build" --output "$work/doc.md"
expect_text "$work/err" "failed: flatness"
expect_text "$work/err" "parts: swf"
cmp -s "$work/doc.md" "$work/once.md" || fail "a failed measurement changed the file"

expect_status 2 "$bench" --quick --full --build "$build"
expect_status 2 "$bench" --output
expect_status 2 "$bench" --unknown
expect_status 4 "$bench" --build "$build" --output "$work/no/such/folder.md"
expect_status 1 "$bench" --build "$work"
expect_status 0 "$bench" --help
expect_text "$work/out" "scripts/bench --full --output docs/performance.md"

finish
