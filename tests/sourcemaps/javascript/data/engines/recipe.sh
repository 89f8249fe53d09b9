#!/usr/bin/env bash
# One minified program with emoji in front of its calls, and one with WebAssembly, run by three engines.
#
# Needs Debian 12's apt (the shells are unpacked, not installed), Node 20 and npm's registry.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=/tmp/symbolicator-fixture/engines

rm -rf "$build" && mkdir -p "$build/shells"
cp -r "$here"/{src,wasm.js} "$build"
cd "$build/shells"
apt-get download libmozjs-102-dev libmozjs-102-0 libjavascriptcoregtk-4.0-bin libjavascriptcoregtk-4.0-18
for package in *.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$build/shells/usr/lib/x86_64-linux-gnu
spidermonkey=$build/shells/usr/bin/js102
javascriptcore=$build/shells/usr/bin/jsc

cd "$build"
echo '{"name":"engines","private":true,"type":"module"}' > package.json
npm install --no-audit --no-fund --no-package-lock --silent esbuild@0.28.2
npx esbuild src/index.js --bundle --minify --charset=utf8 --format=iife --sourcemap=external \
  --outfile=app.min.js --log-level=warning

for program in app.min wasm; do
  "$spidermonkey" "$program.js" > "spidermonkey-102.$program.txt"
  "$javascriptcore" "$program.js" > "javascriptcore-2.50.$program.txt"
  node --stack-trace-limit=50 "$program.js" | sed "s#file://$build/##" > "v8-11.3.$program.txt"
done
# The truth: what V8 says of the originals.
node --stack-trace-limit=50 src/index.js | sed "s#file://$build/##" > v8-11.3.originals.txt
cp app.min.js app.min.js.map ./*.txt "$here"
