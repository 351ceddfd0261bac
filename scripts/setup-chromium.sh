#!/bin/sh
# setup-chromium.sh prints the path of a Chromium, or of a Chrome, for the tests
# of the pages. Where there is none it installs one by apt; where it may not, it
# says so in one sentence and ends with 1. What it does is told on stderr.
set -eu
. "${0%/*}/install.sh"

find_chromium() {
	for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
		command -v "$name" 2>/dev/null && return 0
	done
	for path in "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
		/Applications/Chromium.app/Contents/MacOS/Chromium; do
		if [ -x "$path" ]; then
			echo "$path"
			return 0
		fi
	done
	return 1
}

if find_chromium; then
	exit 0
fi
if ! command -v apt-get >/dev/null || ! may_be_root; then
	echo "The tests in a browser need Chromium or Google Chrome, and here it cannot be installed by apt: install one of them, or ask an administrator to." >&2
	exit 1
fi
echo "Chromium is missing: installing it with apt." >&2
apt update -q >&2
apt install -yq --no-install-recommends chromium >&2
if ! find_chromium; then
	echo "Chromium was installed with apt, but it is at none of the usual places." >&2
	exit 1
fi
