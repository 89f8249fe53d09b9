// What real builds of React say: the same mistakes made with the production and the development build of one version,
// in a page of jsdom's.
//
//   node react_errors.mjs FOLDER > react_errors.json        (recorded with Node.js 20.20.2; FOLDER keeps the packages)
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const VERSIONS = ['16.14.0', '17.0.2', '18.2.0', '18.3.1', '19.0.0', '19.1.0', '19.3.1'];

// What is rendered, or done. `h` is React.createElement.
const MISTAKES = {
  only: ({ React }) => React.Children.only(1),
  clone: ({ React }) => React.cloneElement(null),
  element: ({ h }) => h(undefined),
  child: ({ h }) => h('div', null, { 'a&b': 1, 'c d': 2 }),
  html: ({ h }) => h('div', { dangerouslySetInnerHTML: {} }),
  style: ({ h }) => h('div', { style: 'color: red' }),
  void: ({ h }) => h('input', null, 'x'),
  nothing: ({ h }) => h(function Späti() {}),
  ref: ({ h }) => h('div', { ref: 7 }),
  root: ({ client, dom }) => (client ? client.createRoot(null) : dom.render(null, null)),
};

function load(folder) {
  const require = createRequire(`${folder}/x.js`);
  const { JSDOM } = require('jsdom');
  const { window } = new JSDOM('<!doctype html><div id="root"></div>');
  const { document, navigator, HTMLElement, Node } = window;
  Object.assign(globalThis, { window, document, navigator, HTMLElement, Node });
  window.addEventListener('error', (event) => event.preventDefault());
  const React = require('react');
  const dom = require('react-dom');
  const client = existsSync(`${folder}/node_modules/react-dom/client.js`) ? require('react-dom/client') : null;
  return { React, h: React.createElement, dom, client };
}

// The error that an error boundary around the element catches.
function caught(tools, element) {
  const said = [];
  class Boundary extends tools.React.Component {
    state = { failed: false };
    static getDerivedStateFromError = () => ({ failed: true });
    componentDidCatch(error) {
      said.push(error.message);
    }
    render() {
      return this.state.failed ? null : this.props.children;
    }
  }
  const tree = tools.h(Boundary, null, element);
  const container = document.createElement('div');
  if (tools.client) tools.dom.flushSync(() => tools.client.createRoot(container).render(tree));
  else tools.dom.render(tree, container);
  return said[0];
}

// What hydrating other HTML than the server's reports, recoverable errors included.
async function hydrated({ h, React, client }, suspended) {
  const said = [];
  const container = document.createElement('div');
  container.innerHTML = suspended ? '<!--$--><p>server</p><!--/$-->' : '<p>server</p>';
  const page = h('b', null, 'client');
  client.hydrateRoot(container, suspended ? h(React.Suspense, { fallback: null }, page) : page, {
    onRecoverableError: (error) => said.push(error.message),
  });
  await new Promise((done) => setTimeout(done, 200));
  return said;
}

async function run(folder) {
  const tools = load(folder);
  const said = {};
  for (const [name, make] of Object.entries(MISTAKES)) {
    try {
      said[name] = caught(tools, make(tools));
    } catch (error) {
      said[name] = error.message;
    }
  }
  if (tools.client) {
    for (const suspended of [false, true]) {
      (await hydrated(tools, suspended)).forEach((text, n) => (said[`hydrate ${suspended ? 'part' : 'all'} ${n}`] = text));
    }
  }
  return said;
}

function messages(folder, environment) {
  const env = { ...process.env, NODE_ENV: environment };
  const command = [import.meta.filename, '--run', folder];
  return JSON.parse(execFileSync(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000 }));
}

function install(folder, version) {
  mkdirSync(folder, { recursive: true });
  if (existsSync(`${folder}/node_modules/jsdom`)) return;
  const packages = [`react@${version}`, `react-dom@${version}`, 'jsdom@22.1.0'];
  execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', ...packages], { stdio: 'ignore' });
}

if (process.argv[2] === '--run') {
  const said = await run(process.argv[3]);
  process.stdout.write(JSON.stringify(said), () => process.exit(0));
} else {
  const cases = [];
  for (const version of VERSIONS) {
    const folder = resolve(process.argv[2], version);
    install(folder, version);
    const [minified, full] = ['production', 'development'].map((environment) => messages(folder, environment));
    for (const [mistake, text] of Object.entries(minified)) {
      if (text?.startsWith('Minified React error')) cases.push({ version, mistake, minified: text, full: full[mistake] });
    }
  }
  console.log(JSON.stringify(cases, null, 1));
}
