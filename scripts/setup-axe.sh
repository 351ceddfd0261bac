#!/bin/sh
# setup-axe.sh prints the path of axe-core, which tells what of a page cannot be used by
# everybody. It comes from the npm registry into .tools, once; where npm is missing it is
# installed by apt. What the script does is told on stderr.
set -eu
. "${0%/*}/install.sh"
cd "${0%/*}/.."

version=4.14.1
folder=$PWD/.tools/axe-core-$version

if [ ! -e "$folder/axe.min.js" ]; then
	if ! command -v npm >/dev/null; then
		if ! command -v apt-get >/dev/null || ! may_be_root; then
			echo "The tests of the pages need npm to get axe-core, and here it cannot be installed by apt: install it, or ask an administrator to." >&2
			exit 1
		fi
		echo "npm is missing: installing it with apt." >&2
		apt update -q >&2
		apt install -yq --no-install-recommends npm >&2
	fi
	part=$(mktemp -d "${TMPDIR:-/tmp}/usher-axe.XXXXXX")
	trap 'rm -rf "$part"' EXIT
	npm pack --silent --pack-destination "$part" "axe-core@$version" >&2
	tar -xzf "$part/axe-core-$version.tgz" -C "$part"
	mkdir -p "$folder"
	mv "$part/package/LICENSE" "$folder/"
	mv "$part/package/axe.min.js" "$folder/" # the last, so that what is there is whole
fi
echo "$folder/axe.min.js"
