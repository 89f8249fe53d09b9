// The mathematics and scene graph of a 3D library: about 0.4 MB of minified JavaScript under a map of 2 MB.
import * as core from "three/src/Three.Core.js";

Object.assign(globalThis, { everything: [core] });
