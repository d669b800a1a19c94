import test, { type ExecutionContext } from 'ava';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { importScript } from '../../helpers/import-script.ts';

const { joinParts } = await importScript('lib/parts.mjs');

interface Run {
  readonly file: string;
  readonly stdout: string;
  readonly stderr: string;
}

const early = (name: string, text: string): object => ({ name, text, sourceMap: {}, isEarly: true });
const late = (name: string, text: string): object => ({ name, text, sourceMap: {}, isEarly: false });

/** Runs what the chunks make, the first being the main one, with a package `planted` beside the file. */
function run(t: ExecutionContext, ...chunks: object[]): Run {
  const folder = mkdtempSync(path.join(tmpdir(), 'parts-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const planted = path.join(folder, 'node_modules', 'planted');
  mkdirSync(planted, { recursive: true });
  writeFileSync(path.join(planted, 'index.js'), 'process.stdout.write("planted code ran")');
  const file = path.join(folder, 'program.cjs');
  writeFileSync(file, joinParts(chunks, 'main.js').text);
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', env: {} });
  return { file, stdout, stderr };
}

const print = (expression: string): string => `process.stdout.write(String(${expression}));`;

test('parts, a late one asked for twice, runs once and sees early ones', (t) => {
  const { stdout, stderr } = run(
    t,
    early('main.js', `require("./late.js");${print('require("./late.js").name')}`),
    early('early.js', 'module.exports={name:"early"};'),
    late('late.js', `${print('"once "')}module.exports=require("./early.js");`),
  );
  t.is(stderr, '');
  t.is(stdout, 'once early');
});

test('parts, a late one that nobody asks for, is not even looked at', (t) => {
  const { stdout, stderr } = run(t, early('main.js', print('"fine"')), late('late.js', 'this is no program'));
  t.is(stderr, '');
  t.is(stdout, 'fine');
});

test('parts, ends of comments and line breaks in a late text, come back as they were', (t) => {
  const value = '`a */ b\n${/x*/.source} */`';
  const { stdout } = run(
    t,
    early('main.js', print('require("./late.js")')),
    late('late.js', `module.exports=${value}`),
  );
  t.is(stdout, 'a */ b\nx* */');
});

test('parts, a text with what stands for the end of a comment, is refused', (t) => {
  t.throws(() => joinParts([late('main.js', 'a="*@@/"')], 'main.js'), { message: /^main\.js holds \*@@\/, which/ });
});

test('parts, an error in a late one, names line and column in the file, and both maps lead to them', (t) => {
  const map = (source: string): object => ({ version: 3, sources: [source], names: [], mappings: 'AAAA' });
  const chunks = [
    { name: 'main.js', text: 'require("./late.js")', sourceMap: map('main.ts'), isEarly: true },
    { name: 'late.js', text: '\n  throw new Error("no")', sourceMap: map('late.ts'), isEarly: false },
  ];
  const { file, stderr } = run(t, ...chunks);
  const { text, sourceMap } = joinParts(chunks, 'main.js');
  const lines: string[] = text.split('\n');
  const line = lines.findIndex((candidate) => candidate.includes('throw new Error("no")')) + 1;
  t.true(stderr.includes(`${file}:${line}:9`), stderr);
  const sources = new SourceMap(sourceMap);
  t.like(sources.findEntry(line - 2, 0), { originalSource: 'late.ts' });
  t.like(sources.findEntry(lines.indexOf('require("./late.js")'), 0), { originalSource: 'main.ts' });
});

test('parts, a late one that fails, runs again when it is asked for again', (t) => {
  const attempt = 'try{require("./late.js")}catch(error){process.stdout.write(error.message)}';
  const { stdout } = run(t, early('main.js', attempt + attempt), late('late.js', 'throw new Error("no ")'));
  t.is(stdout, 'no no ');
});

test('parts, a package beside the file, cannot be asked for', (t) => {
  const attempt = 'try{require("planted")}catch(error){process.stdout.write(error.message)}';
  const { stdout } = run(t, early('main.js', attempt));
  t.is(stdout, 'not a part of this file: planted');
});
