// Lets V8 compile the scripts named in a file, and nothing more: node FLAGS compile.mjs SCRIPTS.json. See v8_names.mjs.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const keep = [];
for (const [id, code] of Object.entries(JSON.parse(readFileSync(process.argv[2], "utf8")))) {
  try {
    keep.push(new vm.SourceTextModule(code, { identifier: `T${id}` }));
  } catch (asModule) {
    try {
      keep.push(new vm.Script(code, { filename: `T${id}` }));
    } catch (asScript) {
      console.log(JSON.stringify([id, `${asModule.message} / ${asScript.message}`]));
    }
  }
}
