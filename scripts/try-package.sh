#!/usr/bin/env bash
# Packs the package, installs it in an empty folder and runs both programs there on the Node that the package asks for,
# because what works in the source tree can still lack a file in the tarball.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
cd "$root"
tarball=$(npm pack --silent --pack-destination "$elsewhere" | tail -n 1)
cd "$elsewhere"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts --omit=dev "./$tarball"
# The programs name "node" in their first line; the machine's own may be older than they take.
export PATH="$root/node_modules/.bin:$PATH"
node_modules/.bin/erji --version
node_modules/.bin/erji-bench bench --identifiers 2000 --rate 200 --duration 2 --out results
ls results/*.html >/dev/null
