#!/bin/sh
# test-browser.sh runs the tests behind the build tag "browser": those that use
# the pages with a real Chromium. Real archives are taken from the folder
# $SAMPLES; where there are none it says so, and a made-up one has to do. The
# pictures of the pages go to .artifacts. Arguments are flags of go test.
set -eu
cd "$(dirname "$0")/.."

CHROMIUM=$(./scripts/setup-chromium.sh)
AXE=$(./scripts/setup-axe.sh)
export CHROMIUM AXE

# Tests run in the folders of their packages, so they get an absolute path.
case $SAMPLES in
/*) ;;
*) SAMPLES=$PWD/$SAMPLES ;;
esac
if ! ls "$SAMPLES"/*.zip >/dev/null 2>&1; then
	echo "There are no archives in $SAMPLES: the pages are tested with a made-up one."
	SAMPLES=
fi
export SAMPLES

rm -rf .artifacts/_artifacts
mkdir -p .artifacts
CGO_ENABLED=0 go test -tags browser -count 1 -parallel 4 -timeout 20m -artifacts -outputdir "$PWD/.artifacts" "$@" ./services/standalone/browser
