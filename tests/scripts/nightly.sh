#!/usr/bin/env bash
# The long checks, one by name; ctest runs them under the label nightly (scripts/test --all).
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

case ${1:-} in
  # The linter over every file.
  tidy) exec "$root/scripts/check" --all ;;
  # All tests but the scripts' own under the thread sanitizer.
  tsan)
    configure_and_build tsan
    exec ctest --test-dir "$root/build/tsan" --output-on-failure --no-tests=error \
      --label-exclude '^(nightly|bench|slow|scripts)$' </dev/null
    ;;
  # Each fuzz target for five minutes.
  fuzz)
    have clang++ || exit 77
    configure_and_build fuzz
    for program in "$root"/build/fuzz/bin/*_fuzz; do
      part "${program##*/}" fuzz_one "$program" "${FUZZ_SECONDS:-300}"
    done
    report_failed_parts
    ;;
  *) wrong_usage "unknown check ${1:-}; known are tidy, tsan and fuzz" ;;
esac
