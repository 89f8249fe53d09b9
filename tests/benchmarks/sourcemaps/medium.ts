// The compiler of TypeScript: about 3.5 MB of minified JavaScript under a 14 MB source map.
import typescript from "typescript";

Object.assign(globalThis, { everything: [typescript] });
