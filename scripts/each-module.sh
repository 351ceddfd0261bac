#!/bin/sh
# each-module.sh COMMAND [ARGUMENT...] runs the command in every module of the
# workspace, one after another, and ends with the first that fails.
set -eu
cd "$(dirname "$0")/.."

modules=$(go list -f '{{.Dir}}' -m)
printf '%s\n' "$modules" | while IFS= read -r module; do
	echo "== ${module#"$PWD"/}"
	(cd "$module" && "$@") </dev/null || exit 1
done
