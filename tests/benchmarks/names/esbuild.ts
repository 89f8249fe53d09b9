// Classes and TypeScript, bundled and minified by esbuild: an editor and a runtime for effects.
import * as effect from "../node_modules/effect/src/index.ts";
import * as monaco from "monaco-editor/editor/editor.api.js";

Object.assign(globalThis, { everything: [effect, monaco] });
