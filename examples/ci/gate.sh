#!/usr/bin/env bash
# The gate anywhere: SUITE against BASE, its trials run in SHARDS processes side by side.
# Usage: gate.sh SUITE BASE [SHARDS]
# Ends with check's exit code: 0 pass, 1 fail, 2 usage or configuration, 3 inconclusive, 4 invalid.
set -euo pipefail
suite=$1 base=$2 count=${3:-1}

reports=$(mktemp -d "${TMPDIR:-/tmp}/dialgate.XXXXXX")
running=()
for ((index = 1; index <= count; index++)); do
  dialgate run --shard "$index/$count" --out "$reports/shards" -- "$suite" >"$reports/$index.txt" 2>&1 &
  running+=($!)
done
for pid in "${running[@]}"; do
  wait "$pid" || echo "A shard ended with exit code $?; see $reports." >&2
done

dialgate merge --out .dialgate -- "$reports"/shards/run-*
code=0
dialgate check --baseline="$base" --junit="$reports/junit.xml" --html="$reports/report.html" \
  -- "$suite" || code=$?
echo "Reports: $reports"
exit "$code"
