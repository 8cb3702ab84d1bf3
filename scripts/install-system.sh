#!/usr/bin/env bash
# Installs the system packages that the tests need and that this machine lacks: Chromium, in which reports are opened,
# and Python's venv, in which a real Handle client runs; and wrk, nginx and redis for benchmarks where it can. Installs through apt-get as root and says what to do otherwise.
set -euo pipefail

missing=()
chromium=${ERJI_CHROMIUM:-}
if [ -z "$chromium" ] && ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null &&
  ! command -v google-chrome >/dev/null; then
  missing+=(chromium)
fi
# `import venv` succeeds on Debian without python3-venv; what that package brings is ensurepip.
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || missing+=(python3-venv)

# Benchmarks load servers with wrk where there is one and make do with a slower client elsewhere.
if ! command -v wrk >/dev/null; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then missing+=(wrk); else
    echo 'system packages: wrk is not installed; comparisons of servers will use autocannon'
  fi
fi
# The generator's own cost is measured against nginx.
if ! command -v nginx >/dev/null && [ ! -x /usr/sbin/nginx ]; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then missing+=(nginx-light); else
    echo 'system packages: nginx is not installed; npm run bench:overhead will not run, bench:peers will leave it out'
  fi
fi
# What a GET costs without HTTP: the floor of the comparison of servers.
if ! command -v redis-server >/dev/null; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then missing+=(redis-server); else
    echo 'system packages: redis-server is not installed; npm run bench:peers will leave it out'
  fi
fi

if [ ${#missing[@]} -eq 0 ]; then
  echo 'system packages: nothing is missing'
  exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "system packages: please install ${missing[*]} (for example: sudo apt-get install ${missing[*]})" >&2
  exit 1
fi
echo "system packages: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
