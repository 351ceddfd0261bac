#!/bin/sh
# fuzz.sh fuzzes the readers of archives and of tables: those of zips, of JSON and
# of whole files for $LONG each, the parsers of single values for $SHORT each. It
# stops at the first that fails; Go has then written the input below testdata/fuzz of the package.
#
# -fuzzminimizetime: else most of the time goes into making inputs smaller that
# are interesting and nothing more. -parallel: how many cores it takes.
set -eu
cd "$(dirname "$0")/.."

for package in pkg/openevent pkg/table; do
	for test in $(sed -n 's/^func \(Fuzz[A-Za-z]*\)(.*/\1/p' "$package"/*_test.go); do
		case $test in
		FuzzOpen | FuzzZipOfEntries | FuzzRecords | FuzzSplit | FuzzCSV | FuzzXLSX | FuzzSheet) time=$LONG ;;
		*) time=$SHORT ;;
		esac
		CGO_ENABLED=0 go test -run '^$' -fuzz "^$test\$" -fuzztime "$time" -fuzzminimizetime 20x -parallel "$CORES" "./$package"
	done
done
