// Node's own module.SourceMap. Everything is 0-based; it keeps no way from a source to its text, so the JSON is kept.
import { SourceMap } from "node:module";

export const version = process.version.slice(1);

export function ready(bytes) {
  const payload = JSON.parse(bytes.toString());
  return { map: new SourceMap(payload), payload };
}

export function lookup({ map }, line0, column0) {
  return map.findEntry(line0, column0);
}

export function answer(found) {
  return found.originalSource === undefined ? null : [found.originalSource, found.originalLine, found.originalColumn];
}

export function sourceText({ payload }, source) {
  return payload.sourcesContent[payload.sources.indexOf(source)];
}
