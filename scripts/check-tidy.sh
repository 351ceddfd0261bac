#!/bin/sh
# check-tidy.sh fails where "make tidy" would change a go.mod, go.sum or the
# go.work, and shows the difference. It compares with the files as they were,
# not with git, so that it tells the truth in the middle of one's work, too;
# and it leaves them as they were.
#
# go.work.sum is left out: builds may add to it what no go.sum has, and nothing
# ever removes a line.
set -eu
cd "$(dirname "$0")/.."
root=$PWD

before=$(mktemp -d "${TMPDIR:-/tmp}/usher-tidy.XXXXXX")
had_work_sum=$(test -e go.work.sum && echo yes || echo no)

files() {
	find . -name .git -prune -o -name .tools -prune -o -name .data -prune -o \
		\( -name go.mod -o -name go.sum -o -name go.work -o -name go.work.sum \) -type f -print
}

# copy FROM TO: all of these files, with their folders.
copy() {
	(cd "$1" && files) | while IFS= read -r file; do
		mkdir -p "$2/$(dirname "$file")"
		cp -p "$1/$file" "$2/$file"
	done
}

restore() {
	files | while IFS= read -r file; do
		test -e "$before/$file" || rm -f "$file"
	done
	copy "$before" "$root"
	test "$had_work_sum" = yes || rm -f go.work.sum
	rm -rf "$before"
}
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

copy "$root" "$before"
go work sync
./scripts/each-module.sh go mod tidy

status=0
for file in $(files | grep -v 'go\.work\.sum$'); do
	# A go.sum that was not there is as wrong as one that differs.
	test -e "$before/$file" || : >"$before/$file"
	diff -u "$before/$file" "$file" || status=1
	test -s "$before/$file" || rm -f "$before/$file"
done
if [ $status -ne 0 ]; then
	echo "The modules are not tidy: run \"make tidy\" and commit what it changes." >&2
fi
exit $status
