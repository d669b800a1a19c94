// How the chunks of the program lie in the one plugin file. What the start needs is ordinary code. Everything behind an
// `await import()` is a part: text in a comment, which Node's compiler passes over, compiled when it is first asked for.
// The text comes from the running program's own source, not from a second look at the file: that one may have been
// replaced meanwhile. Reasons and figures: docs/decisions/0013-late-parts-as-text.md.

/** What ends a comment is written so inside one. */
const COMMENT_END = '*/';
const COMMENT_END_MARK = '*@@/';

/**
 * @typedef {{name: string, text: string, sourceMap: object, isEarly: boolean}} Chunk a CommonJS module body; it asks
 *   for other chunks by `./` and their name
 * @param {readonly Chunk[]} chunks
 * @param {string} mainName the chunk to run
 * @returns {{text: string, sourceMap: object}} the whole file; an index map, with one section per chunk
 * @throws when a text holds the mark
 */
export function joinParts(chunks, mainName) {
  const lines = ['#!/usr/bin/env node', '"use strict";', `(${runParts.toString()})(require,__filename,{`];
  let lineCount = lines.join('\n').split('\n').length;
  const sections = [];
  for (const { name, text, sourceMap, isEarly } of chunks) {
    if (text.includes(COMMENT_END_MARK))
      throw new Error(`${name} holds ${COMMENT_END_MARK}, which stands for a comment's end`);
    // Counted from 0, the line after the head is the one with that number.
    const firstLine = lineCount + 1;
    const head = `${JSON.stringify(`./${name}`)}:{firstLine:${firstLine},`;
    const body = text.trimEnd();
    if (isEarly) lines.push(`${head}run(module,require){`, body, '}},');
    else lines.push(`${head}text(){/*`, body.replaceAll(COMMENT_END, COMMENT_END_MARK), '*/}},');
    sections.push({ offset: { line: firstLine, column: 0 }, map: sourceMap });
    lineCount += body.split('\n').length + 2;
  }
  lines.push(`},${JSON.stringify(`./${mainName}`)});`, '');
  return { text: lines.join('\n'), sourceMap: { version: 3, sections } };
}

/**
 * Runs inside the plugin file, which holds its text. Nothing but parts and Node's built-ins can be asked for.
 * @param {NodeJS.Require} nodeRequire
 * @param {string} filename for stack traces: a part's lines and columns are those of the file
 * @param {Record<string, {firstLine: number, run?: Function, text?: Function}>} parts
 * @param {string} mainName
 */
function runParts(nodeRequire, filename, parts, mainName) {
  const { isBuiltin } = nodeRequire('node:module');
  const { compileFunction } = nodeRequire('node:vm');
  const modules = new Map();
  const compile = ({ firstLine, text }) => {
    // A slice of the source, which shares its memory.
    const source = text
      .toString()
      .slice('text(){/*\n'.length, -'\n*/}'.length)
      .replaceAll('*@@/', '*' + '/');
    return compileFunction(source, ['module', 'require'], { filename, lineOffset: firstLine });
  };
  const load = (name) => {
    const loaded = modules.get(name);
    if (loaded !== undefined) return loaded.exports;
    if (!Object.hasOwn(parts, name)) {
      if (isBuiltin(name)) return nodeRequire(name);
      throw new Error(`not a part of this file: ${name}`);
    }
    const module = { exports: {} };
    modules.set(name, module);
    try {
      (parts[name].run ?? compile(parts[name]))(module, load);
    } catch (error) {
      modules.delete(name);
      throw error;
    }
    return module.exports;
  };
  load(mainName);
}
