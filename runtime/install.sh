#!/bin/sh
# Installs the worker's npm packages when the lock file has changed since the last time, and bundles those that functions may
# require. "install.sh tests" adds the packages that only the tests need.
set -eu
cd "$(dirname "$0")"
stamp=node_modules/.installed
tested=node_modules/.installed-tests
if [ "${1:-}" = tests ]; then
  if ! cmp -s package-lock.json "$tested"; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    cp package-lock.json "$tested"
  fi
elif ! { cmp -s package-lock.json "$stamp" || cmp -s package-lock.json "$tested"; }; then
  npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
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
