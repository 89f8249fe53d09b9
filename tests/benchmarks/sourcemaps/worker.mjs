// One measure of one JavaScript peer, in a process of its own: node worker.mjs PEER MEASURE FOLDER. See worker.py.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PASSES = 5;
const FRAMES = 30;
const CONTEXT = 5;
const BUDGET_S = 8;
const NOT_HERE = 3;

const [name, measure, folder] = process.argv.slice(2);

async function load() {
  try {
    return await import(`./peers/${name}.mjs`);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    console.log(error.message.split("\n")[0].replace(/ imported from .*/, ""));
    process.exit(NOT_HERE);
  }
}

const peer = await load();
const readMap = () => readFileSync(join(folder, "bundle.js.map"));
const readPositions = () => JSON.parse(readFileSync(join(folder, "positions.json"), "utf8"));

async function timed(work) {
  const started = performance.now();
  const result = await work();
  return [(performance.now() - started) / 1000, result];
}

const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

// The first answer is inside the clock, since some decode when they are first asked.
async function ready() {
  const bytes = readMap();
  const before = process.cpuUsage();
  const [seconds] = await timed(async () => peer.lookup(await peer.ready(bytes), 0, 0));
  const { user, system } = process.cpuUsage(before);
  return { seconds, busy: (user + system) / 1e6, index_size: null };
}

async function lookups() {
  const index = await peer.ready(readMap());
  const positions = readPositions();
  const seconds = [];
  let answers;
  while (seconds.length < PASSES && total(seconds) < BUDGET_S) {
    const [spent, found] = await timed(() => positions.map(([line0, column0]) => peer.lookup(index, line0, column0)));
    seconds.push(spent);
    answers = found;
  }
  writeFileSync(join(folder, `${name}.answers.json`), JSON.stringify(answers.map(peer.answer)));
  return { seconds: median(seconds) / positions.length, passes: seconds.length };
}

// Source, name and the lines around, as a trace would show them. A source is split into lines once.
function frame(index, split, [line0, column0]) {
  const found = peer.lookup(index, line0, column0);
  const answer = peer.answer(found);
  if (answer === null) return null;
  const [source, original] = answer;
  if (!split.has(source)) split.set(source, peer.sourceText(index, source)?.split("\n"));
  return [source, found.name, split.get(source)?.slice(Math.max(0, original - CONTEXT), original + CONTEXT + 1)];
}

async function cold() {
  const positions = readPositions().slice(0, FRAMES);
  const [seconds, frames] = await timed(async () => {
    const index = await peer.ready(readMap());
    const split = new Map();
    return positions.map((position) => frame(index, split, position));
  });
  return { seconds, frames: frames.length };
}

const measures = { bare: async () => ({}), ready, lookups, cold, prepare: async () => ({}) };
console.log(JSON.stringify({ version: peer.version, ...(await measures[measure]()) }));
