/** ARM collections: filters and pages. */
import { FilterSyntaxError, parseFilter, type FilterNode } from '../odata/filter.ts';
import type { EmulatorReply, EmulatorRequest } from '../server/exchange.ts';
import { ArmError } from './errors.ts';

/** One condition of a filter; conditions are joined by `and`. */
export type FilterTerm =
  | { readonly kind: 'equals'; readonly property: string; readonly value: string }
  | { readonly kind: 'call'; readonly name: string; readonly argument: string };

/** @throws ArmError 400 for anything but equalities and calls joined by `and`. */
export function readFilterTerms(request: EmulatorRequest): readonly FilterTerm[] {
  const text = request.query.get('$filter');
  if (text === null || text === '') return [];
  const unsupported = new ArmError(400, 'InvalidFilter', `The filter '${text}' is not supported.`);
  try {
    return flatten(parseFilter(text), unsupported);
  } catch (error) {
    throw error instanceof FilterSyntaxError ? unsupported : error;
  }
}

function flatten(node: FilterNode, unsupported: ArmError): readonly FilterTerm[] {
  if (node.kind === 'and') return [...flatten(node.left, unsupported), ...flatten(node.right, unsupported)];
  if (node.kind === 'compare' && node.operator === 'eq' && typeof node.value === 'string') {
    return [{ kind: 'equals', property: node.property.toLowerCase(), value: node.value.toLowerCase() }];
  }
  if (node.kind === 'call' && node.property === undefined) {
    const [argument = ''] = node.values;
    return [{ kind: 'call', name: node.name.toLowerCase(), argument: String(argument).toLowerCase() }];
  }
  throw unsupported;
}

/** Cuts the page that the call asks for; `$skipToken` is the number of items before it. */
export function answerPage(request: EmulatorRequest, items: readonly object[], pageSize: number): EmulatorReply {
  const start = Number(request.query.get('$skipToken') ?? 0);
  const end = start + pageSize;
  const query = new URLSearchParams(request.query);
  query.set('$skipToken', String(end));
  const nextLink = `https://${request.hostName}${request.path}?${query.toString()}`;
  return { status: 200, body: { value: items.slice(start, end), ...(end < items.length && { nextLink }) } };
}
