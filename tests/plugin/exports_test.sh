#!/usr/bin/env bash
# libwattfill.so exports what wattfill.h declares, and nothing else.
set -euo pipefail
library=$1
header=$(dirname -- "${BASH_SOURCE[0]}")/../../plugin/wattfill.h
declared=$(grep -oE '\bwattfill_[a-z_]+\(' "$header" | tr -d '(' | sort -u)
exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u)
if ! diff <(printf '%s\n' "$declared") <(printf '%s\n' "$exported"); then
  echo "the exports of $library (>) are not what the header declares (<)" >&2
  exit 1
fi
