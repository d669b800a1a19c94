// The texts of ours that docs/troubleshooting.md explains are those that the plugin says: each code span in the first
// column of a table under "Texts of this plugin" occurs in a string of src/. `<…>` stands for a value.
import ts from 'typescript';
import { runAlone } from './lib/run-alone.mjs';
import { listFiles, readSource } from './lib/sources.mjs';

const FILE = 'docs/troubleshooting.md';
const SECTION = 'Texts of this plugin';
const VALUE = '<…>';

/** @returns {Promise<string[]>} one line per text that the plugin never says */
export async function checkDocsTexts() {
  const said = listFiles('src', /\.ts$/).flatMap((file) => readStrings(file));
  const quoted = readQuotedTexts(readSource(FILE));
  if (quoted.length === 0) return [`${FILE}: no texts under "${SECTION}"`];
  return quoted
    .filter(({ text }) => !said.some((string) => string.includes(text)))
    .map(({ text, line }) => `${FILE}:${line}: no string of src/ has \`${text}\``);
}

/**
 * @param {string} markdown
 * @returns {{text: string, line: number}[]}
 */
export function readQuotedTexts(markdown) {
  const texts = [];
  let isInSection = false;
  markdown.split('\n').forEach((content, index) => {
    const heading = /^## (.*)$/.exec(content)?.[1];
    if (heading !== undefined) isInSection = heading === SECTION;
    // A bar inside a code span of a table is written `\|`.
    const cell = /^\|((?:\\\||[^|])*)\|/.exec(content)?.[1];
    if (!isInSection || cell === undefined) return;
    for (const [, text] of cell.matchAll(/`([^`]+)`/g)) {
      texts.push({ text: text.replaceAll('\\|', '|'), line: index + 1 });
    }
  });
  return texts;
}

/** Strings and templates of a file, sums of them as one, with `<…>` for each value in them. */
export function readStrings(file, text = readSource(file)) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const strings = [];
  const visit = (node) => {
    const string = render(node);
    if (string !== undefined && string !== VALUE) strings.push(string);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return strings;
}

/** @returns {string | undefined} the string that an expression makes, if it is one */
function render(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => VALUE + literal.text).join('');
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [render(node.left), render(node.right)];
  return left === undefined && right === undefined ? undefined : (left ?? VALUE) + (right ?? VALUE);
}

await runAlone(import.meta.url, checkDocsTexts);
