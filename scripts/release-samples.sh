#!/bin/sh
# release-samples.sh vX.Y.Z keeps what the release to come will have to be understood by:
# the samples of its messages, and the names and sums of its migrations. Run it once for
# each release, as its last commit.
set -eu
cd "$(dirname "$0")/.."

case ${1:-} in
v*.*.*) ;;
*)
	echo "release-samples: say which release: RELEASE=v0.2.0" >&2
	exit 1
	;;
esac
folder=contracts/testdata/releases/$1
if [ -e "$folder" ]; then
	echo "release-samples: $folder is there: what was released stays as it was" >&2
	exit 1
fi

sum=sha256sum
command -v sha256sum >/dev/null || sum='shasum -a 256'
mkdir -p "$folder/messages"
cp contracts/testdata/messages/*.json "$folder/messages/"
$sum pkg/stage/migrations/*.sql services/*/migrations/*.sql >"$folder/migrations.sha256"
