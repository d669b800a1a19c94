/**
 * The literal OpenAPI paths of a pattern: `roles/?(?P<name>…)?` becomes `roles` and `roles/{name}`.
 * Source: Vault SDK framework/openapi.go, expandPattern.
 */
import type { PatternNode } from './pattern.ts';

interface Draft {
  readonly text: string;
  /** Length right after an optional slash was added, else -1: a path that ends there is the same without it. */
  readonly slashEndsAt: number;
}

/**
 * In the order in which alternatives are written, the shorter form of an optional part first. `undefined` when a part
 * outside a named group has no literal form.
 */
export function expandPattern(tree: PatternNode): string[] | undefined {
  const drafts = expand(tree, [{ text: '', slashEndsAt: -1 }]);
  return drafts?.filter(({ text, slashEndsAt }) => text.length !== slashEndsAt).map(({ text }) => text);
}

function expand(node: PatternNode, drafts: readonly Draft[]): readonly Draft[] | undefined {
  switch (node.kind) {
    case 'assertion':
      return drafts;
    case 'literal':
      return append(drafts, node.text);
    case 'sequence':
      return node.parts.reduce<readonly Draft[] | undefined>(
        (sofar, part) => (sofar === undefined ? undefined : expand(part, sofar)),
        drafts,
      );
    case 'alternation':
      return join(node.options.map((option) => expand(option, drafts)));
    case 'optional':
      return join([drafts, expandOptional(node.part, drafts)]);
    case 'group':
      return node.name === undefined ? expand(node.part, drafts) : append(drafts, `{${node.name}}`);
    case 'repetition':
    case 'open':
      return undefined;
  }
}

function expandOptional(part: PatternNode, drafts: readonly Draft[]): readonly Draft[] | undefined {
  const expanded = expand(part, drafts);
  if (part.kind !== 'literal' || part.text !== '/') return expanded;
  return expanded?.map(({ text }) => ({ text, slashEndsAt: text.length }));
}

function append(drafts: readonly Draft[], text: string): Draft[] {
  return drafts.map((draft) => ({ ...draft, text: draft.text + text }));
}

function join(parts: readonly (readonly Draft[] | undefined)[]): readonly Draft[] | undefined {
  const joined: Draft[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    joined.push(...part);
  }
  return joined;
}
