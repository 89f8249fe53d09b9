// The compiler of TypeScript and a 3D library: about 5 MB of minified JavaScript under a map of 21 MB.
import * as three from "three";
import * as webgpu from "three/webgpu";
import typescript from "typescript";

Object.assign(globalThis, { everything: [three, typescript, webgpu] });
