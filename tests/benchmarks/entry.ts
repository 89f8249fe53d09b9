import * as three from "three";
import * as monaco from "monaco-editor";
import * as babylon from "@babylonjs/core";
import plotly from "plotly.js-dist";
import ts from "typescript";
(globalThis as any).everything = [three, monaco, babylon, plotly, ts];
