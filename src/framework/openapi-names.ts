/** Names of operations and schemas in OpenAPI documents. Source: Vault SDK framework/openapi.go, constructOperationID. */
import type { DisplayAttributes } from './display-attributes.ts';
import type { OperationDescription } from './path.ts';

export interface OperationPlace {
  /** For example `roles/{name}`. */
  readonly path: string;
  /** Which of the pattern's paths this is, from 0. */
  readonly pathIndex: number;
  /** For example `update`. */
  readonly operation: string;
  /** Used where the tables name no prefix, for example the mount's type. */
  readonly defaultPrefix: string;
}

/** Lower-case words joined by hyphens, for example `azure-write-role`. */
export function makeOperationId(
  place: OperationPlace,
  operation: OperationDescription,
  attributes: DisplayAttributes | undefined,
): string {
  const verb = firstText(operation.operationVerb, attributes?.operationVerb);
  const givenPrefix = firstText(operation.operationPrefix, attributes?.operationPrefix);
  const suffixes = firstText(operation.operationSuffix, attributes?.operationSuffix).split('|');
  const isOutOfRange = place.pathIndex >= suffixes.length;
  const suffix = suffixes[place.pathIndex] ?? '';
  const isSuffixNeeded = suffix === '' && (verb === '' || isOutOfRange);
  return joinWords([
    givenPrefix === '' && verb === '' ? place.defaultPrefix : givenPrefix,
    verb === '' ? (place.operation === 'update' ? 'write' : place.operation) : verb,
    isSuffixNeeded ? joinWords(place.path.split(/\W+/)) : suffix,
  ]);
}

/** `azure-write-role` becomes `AzureWriteRole`: always a name that OpenAPI allows for a schema. */
export function titleCase(operationId: string): string {
  return operationId
    .split(/[^\w.]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Hands each name out once: a repeated one gets `-2`, `-3` and so on. */
export class UniqueNames {
  readonly #taken = new Set<string>();

  claim(name: string): string {
    let unique = name;
    for (let count = 2; this.#taken.has(unique); count += 1) unique = `${name}-${count}`;
    this.#taken.add(unique);
    return unique;
  }
}

function firstText(...texts: readonly (string | undefined)[]): string {
  return texts.find((text) => text !== undefined && text !== '') ?? '';
}

function joinWords(words: readonly string[]): string {
  return words
    .filter((word) => word !== '')
    .join('-')
    .toLowerCase();
}
