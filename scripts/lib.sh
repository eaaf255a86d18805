# shellcheck shell=bash
# What the scripts of this folder share: messages, the project's root, configuring and building a preset, fuzzing.
# Sourced, not run.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

# One OpenMP thread: on a small machine more of them fight over the cores, and results must not depend on their number.
export OMP_NUM_THREADS=1

# Let ccache find what another clone of this project has compiled.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' red=$'\e[31m' yellow=$'\e[33m' plain=$'\e[0m'
else
  bold='' red='' yellow='' plain=''
fi

# Progress, warnings and errors go to standard error, so that standard output holds results only.
say() { printf '%s==> %s%s\n' "$bold" "$*" "$plain" >&2; }
warn() { printf '%swarning: %s%s\n' "$yellow" "$*" "$plain" >&2; }
complain() { printf '%serror: %s%s\n' "$red" "$*" "$plain" >&2; }

# die STATUS MESSAGE...
die() {
  local status=$1
  shift
  complain "$@"
  exit "$status"
}

# wrong_usage MESSAGE...: the command line asks for something that cannot be.
wrong_usage() { die 2 "$* (see ${0##*/} --help)"; }

# have TOOL...: are all of them in the PATH?
have() {
  local tool
  for tool in "$@"; do command -v "$tool" >/dev/null || return 1; done
}

# part NAME COMMAND...: runs one part of a check; a failure is remembered in failed_parts and the next part still runs.
failed_parts=()
part() {
  local name=$1
  shift
  say "$name"
  if ! "$@"; then
    complain "failed: $name"
    failed_parts+=("$name")
  fi
}

# report_failed_parts: names what failed; its status is that of the whole.
report_failed_parts() {
  ((${#failed_parts[@]} == 0)) && return 0
  local name
  for name in "${failed_parts[@]}"; do complain "failed: $name"; done
  return 1
}

# configure PRESET [cmake argument...]: configures build/PRESET; cmake's output is shown only when it fails.
# WATTFILL_WERROR from the environment is handed on.
configure() {
  local preset=$1 log
  shift
  local arguments=(--preset "$preset" "-DCMAKE_CXX_COMPILER_LAUNCHER=$(command -v ccache || true)")
  [[ -z ${WATTFILL_WERROR:-} ]] || arguments+=("-DWATTFILL_WERROR=$WATTFILL_WERROR")
  mkdir -p "$root/build"
  log=$root/build/$preset.configure.log
  if ! (cd "$root" && cmake "${arguments[@]}" "$@" </dev/null >"$log" 2>&1); then
    cat "$log" >&2
    return 1
  fi
}

# build PRESET [TARGET...]: builds everything, or the named targets, on all cores.
build() {
  local preset=$1
  shift
  cmake --build "$root/build/$preset" --parallel "$(nproc --all)" ${1:+--target "$@"} </dev/null >&2
}

# configure_and_build PRESET [TARGET...]
configure_and_build() {
  configure "$1" && build "$@"
}

# corpus_of TARGET: the folder of seeds for swf_reader_fuzz is corpus/swf_reader, else corpus/swf.
corpus_of() {
  local name=${1%_fuzz} folder
  for folder in "$name" "${name%%_*}"; do
    [[ ! -d $root/tests/fuzz/corpus/$folder ]] || printf '%s\n' "$root/tests/fuzz/corpus/$folder"
  done | head -n 1
}

# fuzz_one PROGRAM SECONDS: inputs found on the way are kept in build/fuzz/found for the next run.
fuzz_one() {
  local name=${1##*/} seeds
  seeds=$(corpus_of "$name")
  mkdir -p "$root/build/fuzz/found/$name" "$root/build/fuzz/artifacts"
  "$1" -max_total_time="$2" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$root/build/fuzz/artifacts/$name-" \
    "$root/build/fuzz/found/$name" ${seeds:+"$seeds"} </dev/null
}
