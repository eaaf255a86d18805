#!/usr/bin/env bash
# A sweep on one, two and four ranks and after kills: times, memory, and whether the bytes are the same, as a Markdown
# table. A part of scripts/bench.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/lib.sh"
# shellcheck source=bench/lib.sh
source "$root/bench/lib.sh"

if ! have mpirun; then
  warn "skipped: there is no mpirun (scripts/setup)"
  exit 0
fi
# Four ranks on two cores are what is asked for here, and a container's only user is often root.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none LC_ALL=C
TIMEFORMAT='%3R %3U %3S'

folder=$BENCH_SCRATCH/sweep
mkdir -p "$folder"
replicas=$(by_size 2 10 30)
policies='"easy", "fcfs", "easy-sjbf", "easy++", "saf", "f4"'
{
  found=0
  for trace in KTH-SP2-1996-2:100 CTC-SP2-1996-3.1-cln:338 HPC2N-2002-2.2-cln:240 SDSC-BLUE-2000-4.2-cln:1152; do
    path=$(plain_trace "${trace%:*}.swf.gz") || continue
    printf 'traces { path: "%s" procs: %s }\n' "$path" "${trace#*:}"
    found=$((found + 1))
  done
  for ((; found < 2; ++found)); do
    path=$(generated_trace "sweep-$found" --procs 128 --jobs $((5000 + 5000 * found)) --load 0.9)
    printf 'traces { path: "%s" procs: 128 }\n' "$path"
  done
  printf 'policies: [%s]\nreplicas: %s\nshake_s: 30\n' "$policies" "$replicas"
} >"$folder/sweep.textproto"

# The processes of this sweep and of no other.
ranks_running() {
  local process
  for process in $(pgrep -x trace-replay); do
    [[ $(tr '\0' ' ' 2>/dev/null <"/proc/$process/cmdline") != *"$folder"* ]] || printf '%s\n' "$process"
  done
}

# most_private FILE: writes there the most memory in KiB that any rank ever had to itself, until killed.
most_private() {
  local most=0 process now
  while sleep 0.5; do
    for process in $(ranks_running); do
      now=$(awk '/^Private_/ { sum += $2 } END { print sum + 0 }' "/proc/$process/smaps_rollup" 2>/dev/null) || continue
      ((now <= most)) || { most=$now && printf '%s\n' "$most" >"$1"; }
    done
  done
}

sweep() {
  mpirun -n "$1" "$program" sweep "$folder/sweep.textproto" --output "$2" --quiet </dev/null
}

same_as_one_rank() { diff -r "$folder/ranks-1" "$1" >/dev/null && printf 'the same' || printf 'DIFFERENT'; }

printf '%s\n' '| ranks | cells | wall s | CPU s | efficiency | most private MiB of a rank | bytes |' \
  '|---:|---:|---:|---:|---:|---:|---|'
declare -A wall
for ranks in 1 2 4; do
  say "sweep on $ranks rank(s)"
  printf '0\n' >"$folder/private"
  most_private "$folder/private" &
  watching=$!
  read -r seconds user system < <({ time sweep "$ranks" "$folder/ranks-$ranks" >&2; } 2>&1 | tail -n 1)
  kill "$watching"
  wait "$watching" 2>/dev/null || true
  wall[$ranks]=$seconds
  cells=$(find "$folder/ranks-$ranks/cells" -type f | wc -l)
  awk -v ranks="$ranks" -v cells="$cells" -v one="${wall[1]}" -v wall="$seconds" -v cpu="$user $system" \
    -v private="$(cat "$folder/private")" -v same="$(same_as_one_rank "$folder/ranks-$ranks")" 'BEGIN {
      split(cpu, c, " ")
      printf "| %d | %d | %.1f | %.1f | %.2f | %.0f | %s |\n", ranks, cells, wall, c[1] + c[2], one / (ranks * wall),
        private / 1024, same }'
done

# Three times a rank is killed at some moment; mpirun ends the others. The fourth start finishes.
RANDOM=1
for kill in 1 2 3; do
  sweep 2 "$folder/killed" 2>/dev/null &
  shell=$!
  sleep "$(awk -v wall="${wall[2]}" -v random="$RANDOM" 'BEGIN { print wall * (0.1 + 0.3 * random / 32768) }')"
  victim=$(ranks_running | tail -n 1)
  [[ -z $victim ]] || kill -9 "$victim" 2>/dev/null || true
  wait "$shell" || true
  say "kill $kill: $(find "$folder/killed/cells" -type f 2>/dev/null | wc -l) cells were finished"
done
sweep 2 "$folder/killed"
printf '| 2, killed three times | %s | | | | | %s |\n' "$(find "$folder/killed/cells" -type f | wc -l)" \
  "$(same_as_one_rank "$folder/killed")"
