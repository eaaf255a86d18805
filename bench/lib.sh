# shellcheck shell=bash
# What the measuring scripts share: traces, scratch space, how much to measure. Sourced, not run; scripts/lib.sh first.
#
# From scripts/bench: BENCH_BUILD, the build folder; BENCH_SCRATCH, a folder for what is generated or unpacked;
# BENCH_SIZE, one of quick, default and full.

: "${BENCH_BUILD:=$root/build/release}" "${BENCH_SIZE:=default}"
[[ -n ${BENCH_SCRATCH:-} ]] || die 2 "this is a part of scripts/bench; call that"

program=$BENCH_BUILD/bin/trace-replay

# by_size QUICK DEFAULT FULL: the one that was asked for.
by_size() {
  case $BENCH_SIZE in
    quick) printf '%s\n' "$1" ;;
    full) printf '%s\n' "$3" ;;
    *) printf '%s\n' "$2" ;;
  esac
}

# plain_trace FILE.swf.gz | FILE.swf: the path of the plain trace, unpacked into the scratch folder once. Looked for in
# WATTFILL_TRACES, in ../shared/traces beside the repository and in the cache of scripts/fetch-traces. Status 1 with a
# message where it is nowhere.
plain_trace() {
  local file=$1 folder plain
  plain=$BENCH_SCRATCH/${file%.gz}
  if [[ -f $plain ]]; then
    printf '%s\n' "$plain"
    return 0
  fi
  for folder in ${WATTFILL_TRACES:+"$WATTFILL_TRACES"} "$root/../shared/traces" \
    "${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/wattfill/traces"; do
    [[ -f $folder/$file ]] || continue
    case $file in
      *.gz) gzip -dc -- "$folder/$file" >"$plain.partial" || return 1 ;;
      *) cp -- "$folder/$file" "$plain.partial" || return 1 ;;
    esac
    mv -- "$plain.partial" "$plain"
    printf '%s\n' "$plain"
    return 0
  done
  warn "skipped: $file is not here (scripts/fetch-traces, or name its folder in WATTFILL_TRACES)"
  return 1
}

# generated_trace NAME ARGUMENT...: the path of a trace that `trace-replay generate` makes, once.
generated_trace() {
  local plain=$BENCH_SCRATCH/$1.swf
  shift
  [[ -f $plain ]] || "$program" generate "$@" --seed 1 --quiet --output "$plain" </dev/null || return 1
  printf '%s\n' "$plain"
}

# lublin_256 with requests of one to five times the runtime.
requested_lublin() {
  local plain
  plain=$(plain_trace lublin_256.swf) || return 1
  generated_trace lublin_256-requests --requests-for "$plain" --estimate-factor 1,5
}
