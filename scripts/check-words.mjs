// Words that mean two things here may not be identifiers in src/: "vault" is the HashiCorp process or Azure's store
// (say host or keyVault), "client" alone is half the world. Strings, comments and other people's names are free. And
// every source file opens with a comment that says what it is for.
import ts from 'typescript';
import { runAlone } from './lib/run-alone.mjs';
import { listFiles, readSource } from './lib/sources.mjs';

/** Wire names stay as the wire has them; our own generator writes them. */
const GENERATED = /^src\/wire\/generated\//;

const BANNED = [
  { isBanned: (words) => hasBareVault(words), advice: 'say host (the process we serve) or keyVault (Azure)' },
  { isBanned: (words) => words.join('_') === 'client', advice: 'say whose: graphClient, hostConnection' },
];

/** @returns {Promise<string[]>} one line per identifier or missing header */
export async function checkWords() {
  const sources = listFiles('src', /\.ts$/).filter((file) => !GENERATED.test(file));
  // A test file is named after what it tests.
  const others = [...listFiles('test', /(?<!\.test)\.ts$/), ...listFiles('scripts', /\.mjs$/)];
  return [
    ...sources.flatMap((file) => findBannedWords(file)),
    ...[...sources, ...others]
      .filter((file) => !hasHeader(readSource(file)))
      .map((file) => `${file}:1: no header comment`),
  ];
}

export function findBannedWords(file, text = readSource(file)) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const problems = [];
  const visit = (node) => {
    if (isDeclared(node)) {
      const rule = BANNED.find(({ isBanned }) => isBanned(splitWords(node.text)));
      if (rule !== undefined) {
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        problems.push(`${file}:${line}: ${node.text}: ${rule.advice}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return problems;
}

/**
 * A name that we give: what other packages call their things is theirs (`import { Client as GraphClient }`,
 * `options.client`), and so are the wire's names in snake_case.
 */
function isDeclared(node) {
  if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node)) return false;
  const { parent } = node;
  if (ts.isImportSpecifier(parent)) return parent.name === node && parent.propertyName !== undefined;
  return (
    parent.name === node &&
    !ts.isPropertyAccessExpression(parent) &&
    !ts.isPropertyAssignment(parent) &&
    !/[a-z]_/.test(node.text)
  );
}

/** `keyVaultName` → key, vault, name; `VAULT_VERSION` → vault, version. */
const splitWords = (identifier) =>
  identifier
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());

const hasBareVault = (words) =>
  words.some((word, index) => (word === 'vault' || word === 'vaults') && words[index - 1] !== 'key');

/** A comment before the first statement; a `#!` line may come first. */
const hasHeader = (text) => /^(#![^\n]*\n)?\s*(\/\/|\/\*)/.test(text);

await runAlone(import.meta.url, checkWords);
