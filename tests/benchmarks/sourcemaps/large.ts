// Everything below in one bundle: about 22 MB of minified JavaScript under an 85 MB source map.
import * as babylon from "@babylonjs/core";
import * as monaco from "monaco-editor";
import plotly from "plotly.js-dist";
import * as three from "three";
import typescript from "typescript";

Object.assign(globalThis, { everything: [babylon, monaco, plotly, three, typescript] });
