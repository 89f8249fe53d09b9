// Original sources as V8 can read them, every character left standing where it is: types, decorators, JSX and the
// blocks of single-file components around a script are blanked out, so that offsets stay those of the file.
import { blankSourceFile } from "ts-blank-space";
import ts from "typescript";
import { parse as parseComponent } from "vue/compiler-sfc";

const EXTENSIONS = { ".tsx": ts.ScriptKind.TSX, ".ts": ts.ScriptKind.TS, ".mts": ts.ScriptKind.TS };
const ACCESS = new Set([
  ts.SyntaxKind.PublicKeyword,
  ts.SyntaxKind.PrivateKeyword,
  ts.SyntaxKind.ProtectedKeyword,
  ts.SyntaxKind.ReadonlyKeyword,
  ts.SyntaxKind.OverrideKeyword,
]);

/** The scripts in a file, each as {code, plain}: with and without what V8 does not know; offsets are the file's. */
export function scriptsOf(path, text) {
  if (!path.endsWith(".vue")) return [script(text, EXTENSIONS[path.match(/\.\w+$/)?.[0]] ?? ts.ScriptKind.JSX)];
  const { script: options, scriptSetup } = parseComponent(text, { sourceMap: false }).descriptor;
  return [options, scriptSetup].filter((block) => block && !block.src).map((block) => {
    const { start, end } = block.loc;
    const code = blanked(text, 0, start.offset) + text.slice(start.offset, end.offset);
    return { from: start.offset, ...script(code, block.lang === "ts" ? ts.ScriptKind.TS : ts.ScriptKind.JSX) };
  });
}

export const blanked = (text, start, end) => text.slice(start, end).replace(/[^\r\n\u2028\u2029]/g, " ");

function script(code, kind) {
  const first = new Sheet(code, kind);
  first.visit(first.tree, eraseConstructs);
  const isTyped = kind === ts.ScriptKind.TS || kind === ts.ScriptKind.TSX;
  const second = new Sheet(isTyped ? stripTypes(first.text, kind) : first.text, kind);
  if (kind !== ts.ScriptKind.TS) second.visit(second.tree, flattenElements);
  return { code, kind, tree: new Sheet(code, kind).tree, plain: second.text };
}

function stripTypes(code, kind) {
  const tree = ts.createSourceFile("a.tsx", code, { languageVersion: ts.ScriptTarget.ESNext }, true, kind);
  return blankSourceFile(tree);
}

class Sheet {
  constructor(text, kind) {
    this.units = text.split("");
    this.tree = ts.createSourceFile("a.tsx", text, { languageVersion: ts.ScriptTarget.ESNext }, true, kind);
  }
  get text() {
    return this.units.join("");
  }
  visit(node, change) {
    if (change(this, node) !== false) ts.forEachChild(node, (child) => this.visit(child, change));
  }
  blank(start, end) {
    for (let at = start; at < end; at++) if (!/[\r\n\u2028\u2029]/.test(this.units[at])) this.units[at] = " ";
  }
  blankNode(node) {
    this.blank(node.getStart(this.tree), node.end);
  }
  put(at, words) {
    for (let each = 0; each < words.length; each++) this.units[at + each] = words[each];
  }
}

// What has a meaning when it runs, but none for the names of functions.
function eraseConstructs(sheet, node) {
  if (ts.isDecorator(node) || ts.isEnumDeclaration(node)) return erase(sheet, node);
  if (ts.isTypeAssertionExpression(node)) sheet.blank(node.getStart(sheet.tree), node.expression.getStart(sheet.tree));
  if (ts.isParameter(node)) for (const word of node.modifiers ?? []) if (ACCESS.has(word.kind)) sheet.blankNode(word);
  if (ts.isModuleDeclaration(node) && node.body && ts.isModuleBlock(node.body)) {
    if (node.modifiers?.some((word) => word.kind === ts.SyntaxKind.DeclareKeyword)) return erase(sheet, node);
    sheet.blank(node.getStart(sheet.tree), node.body.getStart(sheet.tree));
    for (const statement of node.body.statements)
      for (const word of statement.modifiers ?? [])
        if (word.kind === ts.SyntaxKind.ExportKeyword) sheet.blankNode(word);
  }
  if (ts.isExportAssignment(node) && node.isExportEquals) sheet.put(node.getStart(sheet.tree), "x     ");
  return true;
}

function erase(sheet, node) {
  sheet.blankNode(node);
  return false;
}

// <A b={c}>{d}<E/></A> becomes [{b: c,}  ,d [{}]]: nonsense, but with the same functions under the same names.
function flattenElements(sheet, node) {
  if (ts.isJsxElement(node)) flattenClosing(sheet, node.closingElement);
  else if (ts.isJsxFragment(node)) {
    const opening = node.openingFragment;
    sheet.blankNode(opening);
    sheet.put(opening.getStart(sheet.tree), "[");
    flattenClosing(sheet, node.closingFragment);
  } else if (ts.isJsxOpeningElement(node) || ts.isJsxSelfClosingElement(node)) flattenOpening(sheet, node);
  else if (ts.isJsxAttribute(node)) flattenAttribute(sheet, node);
  else if (ts.isJsxSpreadAttribute(node)) flattenBraces(sheet, node, " ", ",");
  else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent))
    node.expression ? flattenBraces(sheet, node, ",", " ") : sheet.blankNode(node);
  else if (ts.isJsxText(node)) sheet.blank(node.pos, node.end);
  return true;
}

function flattenClosing(sheet, node) {
  sheet.blankNode(node);
  sheet.put(node.getStart(sheet.tree), "]");
}

function flattenOpening(sheet, node) {
  const start = node.getStart(sheet.tree);
  sheet.blank(start, node.attributes.pos);
  sheet.put(start, "[{");
  if (ts.isJsxSelfClosingElement(node)) sheet.put(node.end - 2, "}]");
  else sheet.put(node.end - 1, "}");
}

function flattenAttribute(sheet, node) {
  const value = node.initializer;
  if (!value || ts.isStringLiteral(value)) return sheet.blankNode(node);
  const name = node.name.getText(sheet.tree).replace(/[^\w$]/g, "_");
  sheet.put(node.name.getStart(sheet.tree), name);
  sheet.blank(node.name.end, value.getStart(sheet.tree));
  sheet.put(node.name.end, ":");
  if (ts.isJsxExpression(value)) value.expression ? flattenBraces(sheet, value, " ", ",") : sheet.blankNode(node);
}

function flattenBraces(sheet, node, open, close) {
  sheet.put(node.getStart(sheet.tree), open);
  sheet.put(node.end - 1, close);
}
