#!/bin/sh
# setup-postgres.sh sees to it that PostgreSQL's server programs are installed,
# which Usher starts a server of its own from. It starts nothing and touches no
# server that is there. Where they are missing it installs them by apt, dnf or
# Homebrew; where it may not, it says so in one sentence and ends with 1.
set -eu
. "${0%/*}/install.sh"

# The same places as in pkg/postgres/private.
installed() {
	in_path=$(command -v initdb 2>/dev/null || true)
	for bin in "${in_path%/initdb}" \
		/usr/lib/postgresql/*/bin \
		/usr/pgsql-*/bin \
		/usr/local/pgsql/bin \
		/opt/homebrew/opt/postgresql@*/bin \
		/usr/local/opt/postgresql@*/bin \
		/Applications/Postgres.app/Contents/Versions/*/bin \
		/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin; do
		if [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ]; then
			return 0
		fi
	done
	return 1
}

by_apt() {
	apt update -q
	apt install -yq --no-install-recommends postgresql-common
	# Debian makes a server on port 5432 with the package. Nobody here asked for
	# one; the file says so while the package is installed.
	no_cluster=/etc/postgresql-common/createcluster.d/usher.conf
	as_root mkdir -p "${no_cluster%/*}"
	echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
	result=0
	apt install -yq --no-install-recommends postgresql || result=$?
	as_root rm -f "$no_cluster"
	return $result
}

by_dnf() { as_root dnf install -y postgresql-server; }

by_brew() { brew install postgresql@17; }

if installed; then
	exit 0
fi
if command -v apt-get >/dev/null && may_be_root; then
	how=apt
elif command -v dnf >/dev/null && may_be_root; then
	how=dnf
elif command -v brew >/dev/null && [ "$(id -u)" -ne 0 ]; then
	how=brew
else
	echo "Usher needs PostgreSQL's server programs, and here they can be installed neither by apt, dnf nor brew: install PostgreSQL 13 or newer, or ask an administrator to." >&2
	exit 1
fi

echo "PostgreSQL is missing: installing it with $how."
# Not "by_$how || …": in a condition the shell would not stop at the first error.
"by_$how"
if ! installed; then
	echo "PostgreSQL was installed with $how, but initdb and postgres are at none of the usual places." >&2
	exit 1
fi
