// Single-file components, options and setup, with and without TypeScript, bundled by Vite (Rollup) and minified by terser.
import * as vueuse from "@vueuse/core";
import * as three from "three";
import * as vue from "vue";

const components = {
  ...import.meta.glob("../node_modules/primevue/*/*.vue", { eager: true }),
  ...import.meta.glob("../node_modules/vitepress/dist/client/theme-default/components/*.vue", { eager: true }),
};
Object.assign(globalThis, { everything: [components, three, vue, vueuse] });
