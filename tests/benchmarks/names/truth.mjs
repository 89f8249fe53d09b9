// Which function is at thousands of places of a bundle: node truth.mjs FOLDER. Writes positions.json, a list of
// {line0, column0, raw, source, names}: where a stack frame may stand, and every right spelling of its function there.
//
// The places are those of calls, `new` and `throw` inside the functions of the minified file (acorn reads it). The map
// is asked through trace-mapping for the original place; the file is read from disk as it was before bundling. Names
// are V8's. What V8 only knows when the code runs is added from TypeScript's tree: the class in front of a method, and
// the member that a function without a name is assigned to.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TraceMap, originalPositionFor } from "@jridgewell/trace-mapping";
import { parse } from "acorn";
import ts from "typescript";
import { scriptsOf } from "./plain.mjs";
import { functionsOf } from "./v8_names.mjs";

const SAMPLED = 4000;
const SEED = 20_260_427;
const ANONYMOUS = "<anonymous>";
const folder = resolve(process.argv[2]);
const bundle = readFileSync(join(folder, "bundle.js"), "utf8");

function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function placesOfCalls() {
  const places = [];
  const waiting = [[parse(bundle, { ecmaVersion: "latest", sourceType: "module" }), null]];
  while (waiting.length) {
    const [node, name] = waiting.pop();
    const at = name === null ? null : callAt(node);
    if (at !== null) places.push([at, name]);
    for (const key in node) {
      for (const child of [node[key]].flat()) {
        if (typeof child?.type === "string") waiting.push([child, isFunction(child) ? nameOf(child, node) : name]);
      }
    }
  }
  return places.sort((a, b) => a[0] - b[0]);
}

const isFunction = (node) => /Function/.test(node.type);
const nameOf = (node, parent) => node.id?.name ?? parent.key?.name ?? parent.id?.name ?? "";

// Where V8 places the frame of a call: at a callee's last name, or at the parenthesis behind anything else.
function callAt(node) {
  if (node.type === "NewExpression" || node.type === "ThrowStatement") return node.start;
  if (node.type !== "CallExpression") return null;
  const { callee } = node;
  const last = callee.type === "MemberExpression" && !callee.computed ? callee.property : callee;
  const isName = last.type === "Identifier" && bundle[last.end] !== ")";
  return isName ? last.start : bundle.indexOf("(", skipClosing(callee.end));
}

function skipClosing(at) {
  while (bundle[at] === ")") at++;
  return at;
}

function sample(places) {
  const next = random(SEED);
  const chosen = new Set();
  while (chosen.size < Math.min(SAMPLED, places.length)) chosen.add(Math.floor(next() * places.length));
  return [...chosen].sort((a, b) => a - b).map((at) => places[at]);
}

function lineStarts(text) {
  return [0, ...[...text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)].map((end) => end.index + end[0].length)];
}

function placeOf(starts, offset) {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle;
  }
  return { line0: low, column0: offset - starts[low] };
}

function located() {
  const map = new TraceMap(readFileSync(join(folder, "bundle.js.map"), "utf8"));
  const starts = lineStarts(bundle);
  return sample(placesOfCalls()).map(([offset, raw]) => {
    const place = placeOf(starts, offset);
    const found = originalPositionFor(map, { line: place.line0 + 1, column: place.column0 });
    return { ...place, raw, source: found.source, line: found.line, column: found.column };
  });
}

function fileOf(source) {
  const path = source && resolve(folder, source);
  return path && existsSync(path) ? path : null;
}

/** Every file that a place is in, with its scripts and V8's functions of them. */
function filesOf(places) {
  const files = new Map();
  for (const path of new Set(places.map((place) => fileOf(place.source)).filter(Boolean))) {
    const text = readFileSync(path, "utf8");
    files.set(path, { starts: lineStarts(text), scripts: scriptsOf(path, text) });
  }
  const scripts = [...files.values()].flatMap((file) => file.scripts);
  const { functions, rejected } = functionsOf(scripts.map((script) => script.plain), folder);
  scripts.forEach((script, id) => (script.functions = functions[id]));
  if (process.env.SHOW_REJECTED) console.error([...rejected].map(([id, why]) => `${scripts[id].code.slice(0, 80)}: ${why}`));
  return files;
}

/** All right names at a place; null where it is not known what is right. */
function namesAt(files, place) {
  const file = files.get(fileOf(place.source));
  if (!file) return null;
  const offset = file.starts[place.line - 1] + place.column;
  const script = file.scripts.find((each) => (each.from ?? 0) <= offset && offset < each.code.length);
  if (!script?.functions) return null;
  const found = script.functions.findLast((each) => each.start <= offset && offset < each.end && each.start > 0);
  return spelled(scopeAt(script.tree, offset), found, script.tree);
}

/** The innermost function (from its parameters on), or field with a value, around an offset; undefined at top level. */
function scopeAt(tree, offset) {
  let scope;
  const visit = (node) => {
    if (offset < node.pos || offset >= node.end) return;
    const from = scopeStart(node, tree);
    if (from !== null && offset >= from) scope = node;
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return scope;
}

function scopeStart(node, tree) {
  if (ts.isClassStaticBlockDeclaration(node)) return node.body.pos;
  if (ts.isPropertyDeclaration(node)) return node.initializer ? node.initializer.getStart(tree) : null;
  if (!ts.isFunctionLike(node) || !node.body) return null;
  return ts.isArrowFunction(node) ? node.getStart(tree) : node.parameters.pos - 1;
}

function spelled(scope, found, tree) {
  if (!scope) return found ? null : [ANONYMOUS];
  if (ts.isClassStaticBlockDeclaration(scope)) return ["<static_initializer>"];
  if (ts.isPropertyDeclaration(scope)) {
    const isStatic = scope.modifiers?.some((word) => word.kind === ts.SyntaxKind.StaticKeyword);
    return [isStatic ? "<static_initializer>" : "<instance_members_initializer>"];
  }
  if (found?.end !== scope.end) return null;
  if (ts.isConstructorDeclaration(scope)) return [`new ${found.name || ANONYMOUS}`, found.name || ANONYMOUS];
  if (scope.name && ts.isComputedPropertyName(scope.name)) return [scope.name.getText(tree), ANONYMOUS];
  const name = found.name || assignedTo(scope, tree) || ANONYMOUS;
  const owner = name === ANONYMOUS || ts.isAccessor(scope) ? null : ownerOf(scope, tree);
  if (owner) return [`${owner}.${name}`];
  const receiver = found.name ? null : receiverOf(scope, tree);
  return receiver ? [`${receiver}.${name}`, name] : [name];
}

// Whose member this.x = function () {} makes: V8 knows when it runs.
function receiverOf(scope, tree) {
  const isThis = (node) => ts.isBinaryExpression(node) && /^this[.[]/.test(node.left.getText(tree));
  if (!ts.findAncestor(scope.parent, (node) => (ts.isFunctionLike(node) ? "quit" : isThis(node)))) return null;
  const isFunction = (node) => node.body && ts.isFunctionLike(node) && !ts.isArrowFunction(node);
  const around = ts.findAncestor(scope.parent, isFunction);
  return around && ((ts.isClassLike(around.parent) ? around.parent : around).name?.text ?? null);
}

// V8 infers what the standard does not name: x.y = function () {}, and functions behind || and ?:.
function assignedTo(scope, tree) {
  let [node, parent] = [scope, scope.parent];
  while (passesOn(parent, node)) [node, parent] = [parent, parent.parent];
  if (ts.isBinaryExpression(parent) && parent.right === node && isAssignment(parent)) return chain(parent.left, tree);
  if (parent.initializer === node && parent.name && !ts.isBindingName(parent.name)) return parent.name.getText(tree);
  return parent.initializer === node && parent.name && ts.isIdentifier(parent.name) ? parent.name.text : null;
}

const isAssignment = (node) => ts.isAssignmentOperator(node.operatorToken.kind);

function passesOn(parent, node) {
  if (ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isSatisfiesExpression(parent)) return true;
  if (ts.isConditionalExpression(parent)) return parent.condition !== node;
  return ts.isBinaryExpression(parent) && !isAssignment(parent);
}

function chain(target, tree) {
  const text = target
    .getText(tree)
    .replace(/\s|\?|!/g, "")
    .replace(/\[(["'])(.*?)\1\]/g, ".$2")
    .replace(/\[[^\]]*\]/g, ".<computed>");
  return /^[\w$.#<>]+$/.test(text) ? text.replace(/\bprototype\./g, "").replace(/^this\./, "") : null;
}

function ownerOf(scope, tree) {
  const member = ts.isPropertyDeclaration(scope.parent) ? scope.parent : scope;
  if (!ts.isClassLike(member.parent)) return null;
  return member.parent.name?.text ?? assignedTo(member.parent, tree);
}

const places = located();
const files = filesOf(places);
const known = places
  .map(({ line0, column0, raw, source, ...original }) => ({ line0, column0, raw, source, ...original }))
  .map((place) => ({ ...place, names: place.source ? namesAt(files, place) : null }));
writeFileSync(join(folder, "positions.json"), JSON.stringify(known.filter((place) => place.names)));
const count = (test) => known.filter(test).length;
console.log(
  JSON.stringify({
    sampled: known.length,
    mapped: count((place) => place.source),
    known: count((place) => place.names),
    named: count((place) => place.names && !place.names[0].startsWith("<")),
  }),
);
