/**
 * Path patterns: regular expressions as Go writes them, read once into a tree, from which both the JavaScript
 * expression and the OpenAPI paths are made. Only what path tables use is understood; the rest fails at start.
 */
import { InvariantError } from '../errors.ts';

/** `source` is the JavaScript form of the part. */
export type PatternNode =
  | { readonly kind: 'literal'; readonly text: string; readonly source: string }
  /** Anchors and word boundaries: match no characters. */
  | { readonly kind: 'assertion'; readonly source: string }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[]; readonly source: string }
  | { readonly kind: 'alternation'; readonly options: readonly PatternNode[]; readonly source: string }
  | { readonly kind: 'optional'; readonly part: PatternNode; readonly source: string }
  | { readonly kind: 'group'; readonly name: string | undefined; readonly part: PatternNode; readonly source: string }
  /** `*`, `+`, `{n}` of a part. */
  | { readonly kind: 'repetition'; readonly part: PatternNode; readonly source: string }
  /** Character classes and `.`: have no literal form. */
  | { readonly kind: 'open'; readonly source: string };

/** Anchors a pattern at both ends. Source: Vault SDK framework/backend.go, init. */
export function anchorPattern(pattern: string): string {
  return `${pattern.startsWith('^') ? '' : '^'}${pattern}${pattern.endsWith('$') ? '' : '$'}`;
}

/** @throws InvariantError on a syntax error or an expression that is not understood. */
export function parsePattern(pattern: string): PatternNode {
  const parser = new PatternParser(pattern);
  return parser.parse();
}

/** Names of the named groups, in order. */
export function captureNames(node: PatternNode): string[] {
  switch (node.kind) {
    case 'sequence':
      return node.parts.flatMap(captureNames);
    case 'alternation':
      return node.options.flatMap(captureNames);
    case 'optional':
      return captureNames(node.part);
    case 'repetition':
      return captureNames(node.part);
    case 'group':
      return [...(node.name === undefined ? [] : [node.name]), ...captureNames(node.part)];
    case 'literal':
    case 'assertion':
    case 'open':
      return [];
  }
}

/** Go's `\s`; JavaScript's would take more. */
const GO_SPACE = '\\t\\n\\f\\r ';
const CLASS_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['w', '\\w'],
  ['W', '\\W'],
  ['d', '\\d'],
  ['D', '\\D'],
  ['s', `[${GO_SPACE}]`],
  ['S', `[^${GO_SPACE}]`],
]);
const CONTROL_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['f', '\f'],
  ['v', '\v'],
]);
const ASSERTION_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\\b'],
  ['B', '\\B'],
  ['A', '^'],
  ['z', '$'],
]);

class PatternParser {
  readonly #pattern: string;
  #position = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  parse(): PatternNode {
    const node = this.#alternation();
    if (this.#position < this.#pattern.length) throw this.#fail('unexpected )');
    return node;
  }

  #alternation(): PatternNode {
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    const [only] = options;
    if (only !== undefined && options.length === 1) return only;
    return { kind: 'alternation', options, source: options.map((option) => option.source).join('|') };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (let next = this.#peek(); next !== '' && next !== '|' && next !== ')'; next = this.#peek()) {
      parts.push(this.#repetition(this.#atom()));
    }
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return only;
    return { kind: 'sequence', parts, source: parts.map((part) => part.source).join('') };
  }

  #repetition(atom: PatternNode): PatternNode {
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(this.#pattern.slice(this.#position))?.[0];
    if (quantifier === undefined) return atom;
    this.#position += quantifier.length;
    const source = `${atom.source}${quantifier}`;
    return { kind: quantifier.startsWith('?') ? 'optional' : 'repetition', part: atom, source };
  }

  #atom(): PatternNode {
    const next = this.#peek();
    this.#position += 1;
    switch (next) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '.':
        return { kind: 'open', source: '[^\\n]' };
      case '^':
      case '$':
        return { kind: 'assertion', source: next };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw this.#fail('nothing to repeat');
      default:
        return literal(next);
    }
  }

  #group(): PatternNode {
    const opening = /^\?(?:P?<([A-Za-z_]\w*)>|:)/.exec(this.#pattern.slice(this.#position));
    if (opening === null && this.#peek() === '?') throw this.#fail('group flags are not understood');
    this.#position += opening?.[0].length ?? 0;
    const name = opening?.[1];
    const part = this.#alternation();
    if (!this.#take(')')) throw this.#fail('missing )');
    // Nothing reads unnamed captures.
    const source = `(${name === undefined ? '?:' : `?<${name}>`}${part.source})`;
    return { kind: 'group', name, part, source };
  }

  #class(): PatternNode {
    let source = this.#take('^') ? '[^' : '[';
    // In Go a `]` right after the opening is a member; in JavaScript it would close the class.
    if (this.#take(']')) source += '\\]';
    for (;;) {
      const next = this.#peek();
      this.#position += 1;
      if (next === '') throw this.#fail('missing ]');
      if (next === ']') return { kind: 'open', source: `${source}]` };
      if (next === '[' && this.#peek() === ':') throw this.#fail('named classes are not understood');
      source += next === '\\' ? this.#classEscape() : next;
    }
  }

  #classEscape(): string {
    const letter = this.#peek();
    this.#position += 1;
    if (letter === 's') return GO_SPACE;
    if (letter === '' || (/[A-Za-z0-9]/.test(letter) && !/[wWdDntrfv]/.test(letter))) {
      throw this.#fail(`\\${letter} in a class is not understood`);
    }
    return `\\${letter}`;
  }

  #escape(): PatternNode {
    const letter = this.#peek();
    this.#position += 1;
    const characters = CLASS_ESCAPES.get(letter);
    if (characters !== undefined) return { kind: 'open', source: characters };
    const assertion = ASSERTION_ESCAPES.get(letter);
    if (assertion !== undefined) return { kind: 'assertion', source: assertion };
    const control = CONTROL_ESCAPES.get(letter);
    if (control !== undefined) return literal(control);
    if (letter === '' || /[A-Za-z0-9]/.test(letter)) throw this.#fail(`\\${letter} is not understood`);
    return literal(letter);
  }

  #peek(): string {
    return this.#pattern.charAt(this.#position);
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#position += 1;
    return true;
  }

  #fail(reason: string): InvariantError {
    return new InvariantError(`path pattern ${this.#pattern}: ${reason} at ${this.#position}`);
  }
}

function literal(text: string): PatternNode {
  return { kind: 'literal', text, source: text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') };
}
