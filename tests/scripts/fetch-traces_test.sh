#!/usr/bin/env bash
# scripts/fetch-traces against a web server of its own on the loopback address.
set -euo pipefail
# shellcheck source=tests/scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

need python3 curl sha256sum
fetch=$project/scripts/fetch-traces
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
export no_proxy=127.0.0.1

# An archive of three logs: one sound, one that differs from the table, one that is not there.
mkdir -p "$work/archive/l_sound" "$work/archive/l_other"
printf '; a log\n1 2 3\n' >"$work/archive/l_sound/sound.swf.gz"
printf 'something else\n' >"$work/archive/l_other/other.swf.gz"
digest=$(sha256sum <"$work/archive/l_sound/sound.swf.gz" | cut -d ' ' -f 1)
{
  printf '# comment\n'
  printf 'SOUND\tl_sound\tsound.swf.gz\t%s\t128\tA. Giver\n' "$digest"
  printf 'OTHER\tl_other\tother.swf.gz\t%s\t64\tB. Giver\n' "$digest"
  printf 'GONE\tl_gone\tgone.swf.gz\t%s\t32\tC. Giver\n' "$digest"
} >"$work/table.tsv"
export WATTFILL_TRACE_TABLE=$work/table.tsv

# The server takes a free port, tells it, notes each request, and ends by itself after a minute.
cat >"$work/server.py" <<'PYTHON'
import functools, http.server, os, sys, threading
folder, port_file, log_file = sys.argv[1:]
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, form, *arguments):
        with open(log_file, "a") as log:
            log.write(form % arguments + "\n")
server = http.server.HTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
with open(port_file + ".new", "w") as out:
    out.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
threading.Timer(60, server.shutdown).start()
server.serve_forever()
PYTHON
: >"$work/requests"
python3 "$work/server.py" "$work/archive" "$work/port" "$work/requests" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf -- "$work"' EXIT
for _ in {1..100}; do [[ ! -f $work/port ]] || break && sleep 0.1; done
[[ -f $work/port ]] || { echo "the server did not start" >&2 && exit 1; }
base=http://127.0.0.1:$(cat "$work/port")
cache=$work/cache
requests() { wc -l <"$work/requests"; }
files_in_cache() { find "$cache" -mindepth 1 -printf '%f\n' | sort | paste -sd ' '; }

# A download: the path on standard output, the file whole under its own name, nothing beside it.
expect_status 0 "$fetch" --base-url "$base/" --cache "$cache" SOUND
expect_equal "$cache/sound.swf.gz" "$(cat "$work/out")" "standard output"
cmp -s "$cache/sound.swf.gz" "$work/archive/l_sound/sound.swf.gz" || fail "the downloaded file differs"
expect_equal "sound.swf.gz" "$(files_in_cache)" "cache"
expect_equal 1 "$(requests)" "requests"

# The second time nothing is asked of the server.
expect_status 0 "$fetch" --base-url "$base" --cache "$cache" SOUND
expect_equal "$cache/sound.swf.gz" "$(cat "$work/out")" "standard output"
expect_text "$work/err" "in the cache"
expect_equal 1 "$(requests)" "requests"

# A damaged file in the cache is fetched anew; the address can come from the environment.
printf 'x' >>"$cache/sound.swf.gz"
WATTFILL_ARCHIVE_URL=$base XDG_CACHE_HOME=$work/xdg expect_status 0 "$fetch" --cache "$cache" SOUND
expect_equal "$digest" "$(sha256sum <"$cache/sound.swf.gz" | cut -d ' ' -f 1)" "digest after a repair"
expect_equal 2 "$(requests)" "requests"

# Another digest: both are named, nothing is kept; the other logs are fetched all the same.
rm "$cache/sound.swf.gz"
expect_status 1 "$fetch" --base-url "$base" --cache "$cache" OTHER SOUND
expect_text "$work/err" "expected $digest"
expect_text "$work/err" "$(sha256sum <"$work/archive/l_other/other.swf.gz" | cut -d ' ' -f 1)"
expect_equal "sound.swf.gz" "$(files_in_cache)" "cache"
expect_equal "$cache/sound.swf.gz" "$(cat "$work/out")" "standard output"

# A log that the server does not have.
expect_status 1 "$fetch" --base-url "$base" --cache "$cache" GONE
expect_text "$work/err" "404"
expect_text "$work/err" "$base/l_gone/gone.swf.gz"
expect_equal "sound.swf.gz" "$(files_in_cache)" "cache"

# A name that nobody knows: wrong usage, the known ones are listed, nothing is asked.
before=$(requests)
expect_status 2 "$fetch" --base-url "$base" --cache "$cache" SOUND UNKNOWN
expect_text "$work/err" "known: SOUND OTHER GONE"
expect_equal "$before" "$(requests)" "requests"

# A server that is down; a further try is made.
kill "$server"
wait "$server" 2>/dev/null || true
rm "$cache/sound.swf.gz"
expect_status 1 "$fetch" --base-url "$base" --cache "$cache" --retries 1 SOUND
expect_text "$work/err" "cannot download $base/l_sound/sound.swf.gz"
expect_equal "" "$(files_in_cache)" "cache"

# The default cache.
mkdir -p "$work/xdg/wattfill/traces"
cp "$work/archive/l_sound/sound.swf.gz" "$work/xdg/wattfill/traces/"
XDG_CACHE_HOME=$work/xdg expect_status 0 "$fetch" --base-url "$base" SOUND
expect_equal "$work/xdg/wattfill/traces/sound.swf.gz" "$(cat "$work/out")" "standard output"

expect_status 2 "$fetch"
expect_status 2 "$fetch" --retries many SOUND
expect_status 0 "$fetch" --list
expect_text "$work/out" "thanks to B. Giver"
expect_status 0 "$fetch" --help

# The project's own table: six fields a line, names and digests well formed and unique.
unset WATTFILL_TRACE_TABLE
expect_status 0 "$fetch" --list
for name in KTH-SP2 CTC-SP2 HPC2N SDSC-BLUE NASA-iPSC; do expect_text "$work/out" "$name"; done
bad=$(grep -v '^#' "$project/scripts/traces.tsv" |
  awk -F '\t' 'NF != 6 || $4 !~ /^[0-9a-f]+$/ || length($4) != 64 || $5 !~ /^[0-9]+$/ || seen[$1]++ || seen[$4]++')
expect_equal "" "$bad" "lines of scripts/traces.tsv that are wrong"
finish
