#!/usr/bin/env bash
# Three real crashes, resolved: what `make demo` shows.
set -euo pipefail
cd "$(dirname "$0")/.."
symbolicator=${SYMBOLICATOR:-symbolicator}

bold='' plain=''
if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; fi

show() { # title, fixture
  printf '\n%s━━ %s%s\n$ symbolicator resolve fixtures/%s/crash.txt --artifacts fixtures/%s\n\n' "$bold" "$1" "$plain" "$2" "$2"
  # Exit code 1 is an answer too: some frames did not resolve, and the trace says why.
  "$symbolicator" resolve "fixtures/$2/crash.txt" --artifacts "fixtures/$2" || [ $? -eq 1 ]
}

show "A minified JavaScript error (esbuild, Node)" js-esbuild
show "An optimised C++ crash with inlined functions (g++ -O2, stripped)" native-cpp
show "A React Native error in Hermes bytecode (Metro, hermesc)" hermes-rn
