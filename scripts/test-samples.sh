#!/bin/sh
# test-samples.sh runs the tests behind the build tag "samples": those that
# read the real archives in the folder $SAMPLES. The archives hold real
# people's names and so are not in the repository; where there are none it says
# so and is content.
set -eu
cd "$(dirname "$0")/.."

# Tests run in the folders of their packages, so they get an absolute path.
case $SAMPLES in
/*) ;;
*) SAMPLES=$PWD/$SAMPLES ;;
esac
export SAMPLES

if ! ls "$SAMPLES"/*.zip >/dev/null 2>&1; then
	echo "There are no archives in $SAMPLES: nothing was tested with real ones."
	exit 0
fi

files=$(grep -rl --include='*_test.go' '^//go:build .*samples' contracts pkg services || true)
tests=$(for file in $files; do sed -n 's/^func \(Test[A-Za-z0-9_]*\)(.*/\1/p' "$file"; done | sort -u | grep -v '^TestMain$' || true)
if [ -z "$tests" ]; then
	echo "There are archives in $SAMPLES, but no test reads them." >&2
	exit 1
fi
packages=$(for file in $files; do dirname "./$file"; done | sort -u)

# Without a cache: Go does not notice that an archive changed.
# shellcheck disable=SC2086 # one word for each package
CGO_ENABLED=0 go test -tags samples -count 1 -timeout 15m -run "^($(echo $tests | tr ' ' '|'))\$" $packages
