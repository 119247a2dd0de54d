#!/bin/sh
# Installs the worker's npm packages when the lock file has changed since the last time, and bundles those that functions may require.
set -eu
cd "$(dirname "$0")"
stamp=node_modules/.installed
if ! { [ -f "$stamp" ] && cmp -s package-lock.json "$stamp"; }; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  cp package-lock.json "$stamp"
fi
if [ ! -f dist/.built ] || [ -n "$(find package-lock.json build.mjs build -newer dist/.built -print | head -n 1)" ]; then
  # The Node that the lock file pins, where there is one for this platform.
  node=node
  for pinned in node_modules/node-*/bin/node; do
    if [ -x "$pinned" ]; then node=$pinned; fi
  done
  "$node" build.mjs
  touch dist/.built
fi
