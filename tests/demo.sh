#!/usr/bin/env bash
# Crashes, resolved: what `make demo` shows.
set -euo pipefail
cd "$(dirname "$0")/.."
symbolicator=${SYMBOLICATOR:-symbolicator}

bold='' plain=''
if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; fi

show() { # title, fixture
  local report
  report=$(echo "fixtures/$2"/crash.*)
  printf '\n%s━━ %s%s\n$ symbolicator resolve %s --artifacts fixtures/%s\n\n' "$bold" "$1" "$plain" "$report" "$2"
  # Exit code 1 is an answer too: some frames did not resolve, and the trace says why.
  "$symbolicator" resolve "$report" --artifacts "fixtures/$2" || [ $? -eq 1 ]
}

show "A minified JavaScript error (esbuild, Node)" js-esbuild
show "An optimised C++ crash with inlined functions (g++ -O2, stripped)" native-cpp
show "A React Native error in Hermes bytecode (Metro, hermesc)" hermes-rn
show "Native code that JavaScript had asked for (React Native on iOS: a synthetic report of real binaries)" merge-react-native-ios
show "JavaScript, Java, JavaScript: an error and its cause as the one stack that they were (a synthetic report)" merge-js-error-android
show "Ruby and an extension in C that call each other" merge-ruby
