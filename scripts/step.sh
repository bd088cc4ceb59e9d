#!/usr/bin/env bash
# Runs one step of a longer check and says what it is and how long it took.
#   scripts/step.sh NAME COMMAND [ARGUMENT…]
set -euo pipefail

name=$1
shift
printf '\n==> %s\n' "$name"
started=$SECONDS
if "$@"; then
    printf '==> %s: passed in %d s\n' "$name" $((SECONDS - started))
else
    status=$?
    printf '==> %s: FAILED after %d s (exit %d)\n' "$name" $((SECONDS - started)) "$status" >&2
    exit "$status"
fi
