#!/usr/bin/env bash
# Installs the servers that storages are tested against, where they are missing and Debian's packages can be installed. Nothing is started.
set -euo pipefail

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
command -v pg_ctl >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null || missing+=(postgresql)
if [ "${#missing[@]}" -eq 0 ]; then
  echo 'all there'
  exit
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "not installed, for want of root or of apt-get: ${missing[*]}"
  exit
fi

# Packages ask this whether they may start what they bring.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o Acquire::Retries=3 update
apt-get -q -y -o Acquire::Retries=3 --no-install-recommends install "${missing[@]}"
