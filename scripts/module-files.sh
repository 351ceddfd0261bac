#!/bin/sh
# module-files.sh MODULE@VERSION FOLDER FILE... fetches a Go module, without what it
# depends on and without building anything, and copies the given files of it into the
# folder, which is there whole or not at all.
set -eu

module=$1 folder=$2
shift 2

# Outside of any module, for the one around here has nothing to do with it.
told=$(cd / && GOWORK=off GOFLAGS='' go mod download -json "$module") || {
	echo "$told" >&2
	exit 1
}
dir=$(printf '%s\n' "$told" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)".*/\1/p')

rm -rf "$folder.part"
mkdir -p "$folder.part"
for file; do
	# What the module cache keeps is read-only.
	cp "$dir/$file" "$folder.part/" && chmod u+w "$folder.part/${file##*/}"
done
rm -rf "$folder"
mv "$folder.part" "$folder"
