#!/bin/sh
# check-mods.sh checks what keeps ten modules in order and what neither the
# compiler nor a build in the workspace notices. It reports all that is wrong.
set -eu
cd "$(dirname "$0")/.."

ours=github.com/usher-events/usher
status=0
wrong() {
	echo "check-mods: $*" >&2
	status=1
}

# Every module of the repository stands in go.work.
modules=$(go list -f '{{.Dir}}' -m)
modules=$(echo "$modules" | while IFS= read -r dir; do echo "${dir#"$PWD"/}"; done)
found=$(find . -name .tools -prune -o -name .data -prune -o -name go.mod -print | sed -e 's|^\./||' -e 's|/go\.mod$||')
for dir in $found; do
	echo "$modules" | grep -qx "$dir" || wrong "$dir is a module, but go.work does not use it"
done

# One version of Go for all.
go=$(sed -n 's/^go //p' go.work)
for dir in $modules; do
	version=$(sed -n 's/^go //p' "$dir/go.mod")
	test "$version" = "$go" || wrong "$dir/go.mod says go $version, go.work says go $go"
done

# required DIR: the modules of ours that its go.mod requires, on one line.
required() {
	sed -n -e '/=>/d' -e "s|^\(require\)\{0,1\}[[:space:]]*$ours/\([^ ]*\) v.*|\2|p" "$1/go.mod" | sort | tr '\n' ' ' | sed 's/ $//'
}

services=$(for dir in $modules; do echo "$dir"; done | sed -n 's|^\(services/.*\)|\1|p' | grep -v '^services/standalone$' | sort | tr '\n' ' ')
for dir in $modules; do
	case $dir in
	contracts) want= ;;
	pkg) want=contracts ;;
	services/standalone) want="contracts pkg ${services% }" ;;
	services/*) want="contracts pkg" ;;
	*)
		wrong "$dir belongs to no floor: contracts, pkg or services/…"
		continue
		;;
	esac
	have=$(required "$dir")
	test "$have" = "$want" || wrong "$dir/go.mod requires of ours {$have}, and should {$want}"
done

# The ground floor stands on the standard library, its tests as well.
if grep -q '^require' contracts/go.mod; then
	wrong "contracts/go.mod requires something; contracts lives on the standard library"
fi
dependencies=$(cd contracts && go list -test -deps -f '{{if not .Standard}}{{.ImportPath}}{{end}}' ./...)
foreign=$(echo "$dependencies" | grep -v "^$ours/contracts" | tr '\n' ' ' || true)
test -z "${foreign% }" || wrong "contracts depends on: $foreign"

# The broker is linked by those alone who ask for the embedded one.
# shellcheck disable=SC2016 # the dollars are the template's
imports=$(go list -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}
{{end}}' work)
importers=$(echo "$imports" | sed -n 's|^\([^ ]*\) github.com/nats-io/nats-server/.*|\1|p' | sort -u)
for package in $importers; do
	test "$package" = $ours/pkg/broker/embedded || wrong "$package imports nats-server; only pkg/broker/embedded may"
done

# What measures is no part of what is measured.
linked=$(go list -deps -f '{{.ImportPath}}' ./services/standalone/cmd/usher | grep "^$ours/services/standalone/internal/bench" | tr '\n' ' ' || true)
test -z "${linked% }" || wrong "the usher binary links $linked"

# Whether a leaf of pkg imports another is for the linter to see, which has a
# rule for each.
for dir in pkg/*/; do
	leaf=${dir#pkg/}
	leaf=${leaf%/}
	case $leaf in
	begin | stage | service) ;; # which stand on leaves
	*) grep -q "^ *leaf-$leaf:" .golangci.yml || wrong ".golangci.yml has no rule leaf-$leaf for pkg/$leaf" ;;
	esac
done

# A module finds what it imports without the workspace, its tests included: a build in the
# workspace finds a sibling that go.mod does not require, too. Nothing has to be built for
# that, because the versions are those of the workspace.
for dir in $modules; do
	(cd "$dir" && GOWORK=off go list -deps -test -tags browser ./... >/dev/null) || wrong "$dir does not find all that it imports by its own go.mod"
done

# A package is named for what it is.
packages=$(go list work)
drawers=$(echo "$packages" | grep -E '/(util|utils|common|helper|helpers|misc)(/|$)' || true)
test -z "$drawers" || wrong "name these for the one thing they do: $drawers"

exit $status
