// V8's own list of the functions in a script, with the names it gives them when it compiles them, all at once and
// without running any: node --no-lazy --log-function-events logs every function that was compiled.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FLAGS = ["--experimental-vm-modules", "--no-warnings", "--no-lazy", "--stack-size=4000"];
const LOG = ["--log-function-events", "--no-log-source-code", "--no-logfile-per-isolate"];
const SYNTHETIC = /^<(?:instance_members|static)_initializer>$/;

/** Functions of each script: {start, end, name} by offset, in the order of their start. Null where V8 rejects it. */
export function functionsOf(scripts, folder) {
  const [input, log] = [join(folder, "scripts.json"), join(folder, "v8.log")];
  writeFileSync(input, JSON.stringify(Object.fromEntries(scripts.entries())));
  const program = join(dirname(fileURLToPath(import.meta.url)), "compile.mjs");
  const output = execFileSync("node", [...FLAGS, ...LOG, `--logfile=${log}`, program, input], { maxBuffer: 1 << 26 });
  const rejected = new Map(output.toString().trim().split("\n").filter(Boolean).map(JSON.parse));
  const found = listed(readFileSync(log, "utf8"), scripts.length);
  return { functions: found.map((list, id) => (rejected.has(`${id}`) ? null : list)), rejected };
}

function listed(log, count) {
  const ours = new Map();
  const found = Array.from({ length: count }, () => []);
  for (const [, id, name] of log.matchAll(/^script-details,(\d+),T(\d+),/gm)) ours.set(id, found[name]);
  for (const [, id, start, end, name] of log.matchAll(/^function,interpreter,(\d+),(\d+),(\d+),[^,]*,\d+,(.*)$/gm)) {
    if (!SYNTHETIC.test(name) && start !== end) ours.get(id)?.push({ start: +start, end: +end, name: unescaped(name) });
  }
  return found.map((list) => list.sort((a, b) => a.start - b.start || b.end - a.end));
}

const unescaped = (name) =>
  name.replace(/\\x([0-9A-F]{2})|\\u([0-9A-F]{4})|\\(.)/gi, (_, byte, unit, other) =>
    other === undefined ? String.fromCharCode(parseInt(byte ?? unit, 16)) : other === "n" ? "\n" : other,
  );
