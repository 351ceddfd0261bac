#!/bin/sh
# demo.sh shows Usher from end to end: it starts bin/usher with a data folder
# and a port of its own, makes up an archive, imports it, and asks the API for
# what became of it. Whatever happens, it stops what it started and removes what
# it made. "make demo" builds bin/usher first.
set -eu
cd "$(dirname "$0")/.."

usher=$PWD/bin/usher

# A demonstration must not write into a database or broker that the environment
# names.
for name in $(env | sed -n 's/^\(USHER_[A-Z0-9_]*\)=.*/\1/p'); do
	unset "$name"
done

# Not under TMPDIR: on macOS that is too long a path for PostgreSQL's socket,
# and as root PostgreSQL runs as another user, who must get there.
home=$(mktemp -d /tmp/usher-demo.XXXXXX)
chmod 755 "$home"
data=$home/data
log=$home/usher.log
server=
interrupted=

say() { printf '\n%s\n' "$*"; }

alive() { [ -n "$server" ] && kill -0 "$server" 2>/dev/null; }

# wait_for SECONDS CONDITION: false when the time is over.
wait_for() {
	left=$(($1 * 5))
	while ! "$2"; do
		[ $left -gt 0 ] || return 1
		left=$((left - 1))
		sleep 0.2
	done
}

stopped() { ! alive; }

stop() {
	status=$?
	trap '' INT TERM
	if alive; then
		kill -TERM "$server" 2>/dev/null || true
		if ! wait_for 30 stopped; then
			echo "usher did not stop within 30 seconds." >&2
			kill -KILL "$server" 2>/dev/null || true
			# Its PostgreSQL outlives a kill, which is on purpose, but not here.
			for pid in "$data"/*/postmaster.pid "$data"/*/*/postmaster.pid; do
				[ ! -f "$pid" ] || kill -QUIT "$(head -n 1 "$pid")" 2>/dev/null || true
			done
			[ $status -ne 0 ] || status=1
		fi
	fi
	if [ $status -ne 0 ] && [ -z "$interrupted" ] && [ -s "$log" ]; then
		echo "The demonstration did not come to its end. The last lines of the log:" >&2
		tail -n 40 "$log" >&2
	fi
	rm -rf "$home"
	exit $status
}
trap stop EXIT
trap 'interrupted=yes; exit 130' INT
trap 'interrupted=yes; exit 143' TERM
trap 'interrupted=yes; exit 129' HUP

say "1. Starting Usher in $home, on a free port"
: >"$log"
"$usher" up --data "$data" --listen 127.0.0.1:0 >>"$log" 2>&1 </dev/null &
server=$!
ready() { grep -q '^usher is ready: http' "$log"; }
ready_or_dead() { ready || ! alive; }
if ! wait_for 180 ready_or_dead; then
	echo "usher was not ready within three minutes." >&2
	exit 1
fi
if ! ready; then
	echo "usher ended before it was ready." >&2
	exit 1
fi
url=$(sed -n 's/^usher is ready: \(http[^ ]*\).*/\1/p' "$log" | head -n 1)
url=${url%/}
echo "It serves at $url"

say "2. Making up an archive: 120 sessions, 60 speakers, with pictures"
"$usher" sample --sessions 120 --speakers 60 --seed 7 -o "$home/event.zip"
echo "$(($(wc -c <"$home/event.zip") / 1024)) KiB in $home/event.zip"

say "3. Importing it"
# By the environment, so that the token is in no list of processes.
USHER_TOKEN=$("$usher" token --email demo@usher.example --data "$data")
export USHER_TOKEN
"$usher" import "$home/event.zip" --server "$url" --watch

# Neither does it stand in the arguments of curl or wget.
(umask 077 && printf 'header = "Authorization: Bearer %s"\n' "$USHER_TOKEN" >"$home/curlrc")
(umask 077 && printf 'header = Authorization: Bearer %s\n' "$USHER_TOKEN" >"$home/wgetrc")
get() {
	if command -v curl >/dev/null; then
		curl -fsS --noproxy '*' -K "$home/curlrc" "$url$1"
	else
		WGETRC=$home/wgetrc wget -q --no-proxy -O - "$url$1"
	fi
}

# values NAME: the texts that stand under a name in the JSON on the input, one a line.
values() {
	grep -oE "\"$1\": *\"([^\"\\\\]|\\\\.)*\"" | sed -e "s/^\"$1\": *\"//" -e 's/"$//' -e 's/\\"/"/g' -e 's/\\u0026/\&/g'
}

say "4. What the API says of it"
if command -v curl >/dev/null || command -v wget >/dev/null; then
	get /v1/events >"$home/events.json"
	event=$(values id <"$home/events.json" | head -n 1)
	echo "GET $url/v1/events/$event"
	printf '  %s\n' "$(values name <"$home/events.json" | head -n 1)"
	for list in speakers tracks microlocations sponsors; do
		get "/v1/events/$event/$list?page%5Bsize%5D=200" >"$home/list.json"
		printf '  %4d %s\n' "$(values name <"$home/list.json" | wc -l)" "$list"
	done
	get "/v1/events/$event/sessions?page%5Bsize%5D=200" >"$home/list.json"
	printf '  %4d sessions, and the first of them:\n' "$(values title <"$home/list.json" | wc -l)"
	values title <"$home/list.json" | head -n 5 | sed 's/^/         /'
else
	"$usher" list --server "$url"
fi

say "That was all of it: the demonstration stops and leaves nothing behind.
Next: \"make run\" keeps Usher running; then bin/usher import takes an archive of yours."
