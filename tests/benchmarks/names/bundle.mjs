// Makes one of the bundles: node bundle.mjs (esbuild | webpack | vite) FOLDER. Writes bundle.js, bundle.js.map.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const [bundler, folder] = process.argv.slice(2);

async function withEsbuild() {
  const esbuild = await import("esbuild");
  await esbuild.build({
    entryPoints: [join(HERE, "esbuild.ts")],
    outfile: join(folder, "bundle.js"),
    bundle: true,
    minify: true,
    sourcemap: true,
    format: "esm",
    platform: "browser",
    external: ["node:*"],
    loader: { ".ttf": "empty", ".css": "empty" },
    logLevel: "error",
  });
}

async function withWebpack() {
  const { default: webpack } = await import("webpack");
  const options = { module: "esnext", moduleResolution: "bundler", target: "es2022", jsx: "react-jsx" };
  const loader = {
    loader: createRequire(import.meta.url).resolve("ts-loader"),
    options: {
      transpileOnly: true,
      configFile: join(HERE, "app", "tsconfig.json"),
      allowTsInNodeModules: true,
      compilerOptions: { ...options, experimentalDecorators: true, sourceMap: true },
    },
  };
  const compiler = webpack({
    mode: "production",
    context: HERE,
    entry: join(HERE, "app", "main.tsx"),
    devtool: "source-map",
    output: { path: folder, filename: "bundle.js", devtoolModuleFilenameTemplate: "[absolute-resource-path]" },
    resolve: { extensions: [".tsx", ".ts", ".mjs", ".js"] },
    // Translations, which their authors pick up with a plugin of another bundler.
    plugins: [new webpack.IgnorePlugin({ resourceRegExp: /\/intl\/\*\.json$/ })],
    module: { rules: [{ test: /\.tsx?$/, use: [loader] }] },
    performance: { hints: false },
  });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, result) => (error ? reject(error) : resolve(result))),
  );
  if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
}

async function withVite() {
  const { build } = await import("vite");
  const { default: vue } = await import("@vitejs/plugin-vue");
  await build({
    root: HERE,
    configFile: false,
    resolve: { alias: { vitepress: join(HERE, "..", "node_modules", "vitepress", "dist", "client", "index.js") } },
    logLevel: "error",
    plugins: [stubs, vue()],
    build: {
      outDir: folder,
      emptyOutDir: false,
      sourcemap: true,
      minify: "terser",
      target: "es2022",
      lib: { entry: join(HERE, "vite.ts"), formats: ["es"], fileName: () => "bundle.js" },
      rollupOptions: { onwarn: () => undefined },
    },
  });
}

// The theme asks for data that only a built site has.
const stubs = {
  name: "stubs",
  enforce: "pre",
  resolveId: (id) => (id.startsWith("@localSearchIndex") || id === "@siteData" ? `\0${id}` : null),
  load: (id) => (id.startsWith("\0@") ? "export default {}" : null),
};

// What Turbopack ships: the same map, and no segment says a name.
async function withoutNames() {
  const { decode, encode } = await import("@jridgewell/sourcemap-codec");
  const map = JSON.parse(readFileSync(join(folder, "bundle.js.map"), "utf8"));
  const mappings = encode(decode(map.mappings).map((line) => line.map((segment) => segment.slice(0, 4))));
  writeFileSync(join(folder, "nameless.js.map"), JSON.stringify({ ...map, names: [], mappings }));
}

await { esbuild: withEsbuild, webpack: withWebpack, vite: withVite }[bundler]();
await withoutNames();
