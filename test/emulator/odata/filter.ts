/** Parses the forms of `$filter` that Graph and ARM callers use. Meaning is given by the services. */

export type Literal = string | number | boolean | null;
export type ComparisonOperator = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

export type FilterNode =
  | {
      readonly kind: 'compare';
      /** `displayName`, `owner/id`. */
      readonly property: string;
      readonly operator: ComparisonOperator;
      readonly value: Literal;
    }
  | { readonly kind: 'in'; readonly property: string; readonly values: readonly Literal[] }
  /** `startswith(displayName,'x')` has a property; `atScope()` and `assignedTo('x')` have none. */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly property: string | undefined;
      readonly values: readonly Literal[];
    }
  /** `tags/any(t:t eq 'x')`; in `condition` the element is the property `t`. */
  | {
      readonly kind: 'any';
      readonly property: string;
      readonly variable: string;
      readonly condition: FilterNode;
    }
  | { readonly kind: 'and' | 'or'; readonly left: FilterNode; readonly right: FilterNode }
  | { readonly kind: 'not'; readonly inner: FilterNode };

export class FilterSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FilterSyntaxError';
  }
}

/** A text literal: quotes around it, quotes inside doubled. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** @param text already percent-decoded. @throws FilterSyntaxError */
export function parseFilter(text: string): FilterNode {
  const tokens = tokenize(text);
  let position = 0;
  const node = parseOr();
  if (position < tokens.length) throw unexpected();
  return node;

  function peek(): Token | undefined {
    return tokens[position];
  }

  function unexpected(): FilterSyntaxError {
    const token = peek();
    const where = token === undefined ? 'the end' : `'${token.text}' at position ${token.start}`;
    return new FilterSyntaxError(`Syntax error at ${where} in '${text}'.`);
  }

  function take(symbol: string): boolean {
    const token = peek();
    if (token?.kind !== 'symbol' || token.text !== symbol) return false;
    position += 1;
    return true;
  }

  function expect(symbol: string): void {
    if (!take(symbol)) throw unexpected();
  }

  function takeWord(...words: readonly string[]): string | undefined {
    const token = peek();
    if (token?.kind !== 'word' || !words.includes(token.text.toLowerCase())) return undefined;
    position += 1;
    return token.text.toLowerCase();
  }

  function parseOr(): FilterNode {
    let left = parseAnd();
    while (takeWord('or') !== undefined) left = { kind: 'or', left, right: parseAnd() };
    return left;
  }

  function parseAnd(): FilterNode {
    let left = parseUnary();
    while (takeWord('and') !== undefined) left = { kind: 'and', left, right: parseUnary() };
    return left;
  }

  function parseUnary(): FilterNode {
    if (takeWord('not') !== undefined) return { kind: 'not', inner: parseUnary() };
    if (take('(')) {
      const inner = parseOr();
      expect(')');
      return inner;
    }
    return parseCondition();
  }

  function parseCondition(): FilterNode {
    const name = readName();
    if (take('(')) return name.toLowerCase().endsWith('/any') ? parseAny(name.slice(0, -4)) : parseCall(name);
    if (takeWord('in') !== undefined) {
      expect('(');
      return { kind: 'in', property: name, values: parseLiterals() };
    }
    const operator = takeWord(...OPERATORS);
    const known = OPERATORS.find((item) => item === operator);
    if (known === undefined) throw unexpected();
    return { kind: 'compare', property: name, operator: known, value: readLiteral() };
  }

  function parseAny(property: string): FilterNode {
    const variable = readName();
    expect(':');
    const condition = parseOr();
    expect(')');
    return { kind: 'any', property, variable, condition };
  }

  function parseCall(name: string): FilterNode {
    const first = peek();
    if (first?.kind !== 'word') return { kind: 'call', name, property: undefined, values: parseLiterals() };
    const property = readName();
    if (take(')')) return { kind: 'call', name, property, values: [] };
    expect(',');
    return { kind: 'call', name, property, values: parseLiterals() };
  }

  function parseLiterals(): readonly Literal[] {
    const values: Literal[] = [];
    if (take(')')) return values;
    do values.push(readLiteral());
    while (take(','));
    expect(')');
    return values;
  }

  function readName(): string {
    const token = peek();
    if (token?.kind !== 'word') throw unexpected();
    position += 1;
    return token.text;
  }

  function readLiteral(): Literal {
    const token = peek();
    if (token?.kind !== 'literal') throw unexpected();
    position += 1;
    return token.value;
  }
}

const OPERATORS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const satisfies readonly ComparisonOperator[];

type Token = { readonly text: string; readonly start: number } & (
  { readonly kind: 'symbol' | 'word' } | { readonly kind: 'literal'; readonly value: Literal }
);

const STRING = /'(?:[^']|'')*'/y;
const SYMBOL = /[(),:]/y;
/** Times hold colons, so they come before symbols; property paths hold slashes. */
const BARE = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|[A-Za-z0-9_@.$/-]+/y;
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let start = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = start;
    return pattern.exec(text)?.[0];
  };
  while (start < text.length) {
    if (text.charAt(start) === ' ') {
      start += 1;
      continue;
    }
    const quoted = match(STRING);
    const symbol = quoted === undefined ? match(SYMBOL) : undefined;
    const found = quoted ?? symbol ?? match(BARE);
    if (found === undefined) throw new FilterSyntaxError(`Syntax error at position ${start} in '${text}'.`);
    if (quoted !== undefined) {
      tokens.push({ kind: 'literal', text: found, start, value: quoted.slice(1, -1).replaceAll("''", "'") });
    } else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: found, start });
    else tokens.push({ text: found, start, ...readBareWord(found) });
    start += found.length;
  }
  return tokens;
}

function readBareWord(word: string): { kind: 'word' } | { kind: 'literal'; value: Literal } {
  if (word === 'null') return { kind: 'literal', value: null };
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
  if (/^-?\d+(?:\.\d+)?$/.test(word)) return { kind: 'literal', value: Number(word) };
  if (GUID.test(word) || /^\d{4}-/.test(word)) return { kind: 'literal', value: word };
  return { kind: 'word' };
}
