// The files of the repository, and the imports of TypeScript sources as the compiler reads them.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT, fromRoot } from './paths.mjs';

const NOT_OURS = new Set(['.git', 'node_modules', 'build', 'dist', 'coverage']);

/**
 * Files below a folder, relative to the root, with `/` between the parts, sorted.
 * @param {string} folder
 * @param {RegExp} pattern of the file name
 */
export function listFiles(folder, pattern) {
  return readdirSync(fromRoot(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

/** What git tracks or would offer to add; without git, every file outside the folders of tools. */
export function listRepositoryFiles() {
  try {
    const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [...new Set(output.split('\0'))].filter((file) => file !== '').sort();
  } catch {
    return listFiles('.', /./).filter((file) => !file.split('/').some((part) => NOT_OURS.has(part)));
  }
}

export const readSource = (file) => readFileSync(fromRoot(file), 'utf8');

/**
 * @typedef {object} Import
 * @property {string} specifier as written
 * @property {boolean} isTypeOnly gone after compiling
 * @property {boolean} isLazy `await import()`
 * @property {number} line from 1
 */

/**
 * Every import, export-from, `import()` and `import('x').Type` of a file.
 * @param {string} file relative to the root
 * @returns {Import[]}
 */
export function readImports(file) {
  const source = ts.createSourceFile(file, readSource(file), ts.ScriptTarget.Latest, true);
  const imports = [];
  const add = (literal, isTypeOnly, isLazy = false) => {
    const line = source.getLineAndCharacterOfPosition(literal.getStart()).line + 1;
    imports.push({ specifier: literal.text, isTypeOnly, isLazy, line });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteralLike(argument)) add(argument, false, true);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}
