// npm source-map 0.7 (Mozilla): mappings in WebAssembly. Lines are 1-based, columns 0-based.
import { createRequire } from "node:module";
import sourceMap from "source-map";

export const version = createRequire(import.meta.url)("source-map/package.json").version;

export function ready(bytes) {
  return new sourceMap.SourceMapConsumer(bytes.toString());
}

export function lookup(consumer, line0, column0) {
  return consumer.originalPositionFor({ line: line0 + 1, column: column0 });
}

export function answer(found) {
  return found.source === null ? null : [found.source, found.line - 1, found.column];
}

export function sourceText(consumer, source) {
  return consumer.sourceContentFor(source, true);
}
