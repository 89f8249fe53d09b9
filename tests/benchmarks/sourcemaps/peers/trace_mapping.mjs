// npm @jridgewell/trace-mapping: what bundlers use. Lines are 1-based, columns 0-based.
import { createRequire } from "node:module";
import { TraceMap, originalPositionFor, sourceContentFor } from "@jridgewell/trace-mapping";

export const version = createRequire(import.meta.url)("@jridgewell/trace-mapping/package.json").version;

export function ready(bytes) {
  return new TraceMap(bytes.toString());
}

export function lookup(map, line0, column0) {
  return originalPositionFor(map, { line: line0 + 1, column: column0 });
}

export function answer(found) {
  return found.source === null ? null : [found.source, found.line - 1, found.column];
}

export function sourceText(map, source) {
  return sourceContentFor(map, source);
}
