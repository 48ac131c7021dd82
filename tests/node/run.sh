#!/usr/bin/env bash
# The explorer's JavaScript: `types` (tsc) or `units` (node --test). Skips aloud without npm; in CI it must run.
set -euo pipefail
cd "${BASH_SOURCE[0]%/*}/../.."
if ! command -v npm >/dev/null; then
  echo "npm is not installed, so the explorer's JavaScript is not checked: install Node 20 or later" >&2
  if [ -n "${CI:-}" ]; then exit 1; fi
  exit 0
fi
if [ package.json -nt node_modules/.installed ]; then
  npm install --silent
  touch node_modules/.installed
fi
npm run --silent "$1"
