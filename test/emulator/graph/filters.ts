/** What a parsed `$filter` means for directory objects. */
import {
  FilterSyntaxError,
  parseFilter,
  type ComparisonOperator,
  type FilterNode,
  type Literal,
} from '../odata/filter.ts';
import { badRequest, GraphError } from './errors.ts';
import type { ResourceKind } from './properties.ts';

export type PropertyReader = (name: string) => unknown;

export interface ObjectFilter {
  test(read: PropertyReader): boolean;
  /** Set when the whole filter is one `property eq 'text'`: the store may have an index. */
  readonly equality: { readonly property: string; readonly value: string } | undefined;
}

/**
 * @param isAdvanced the call carries `ConsistencyLevel: eventual` and `$count=true`, without which `ne`, `not` and
 * `endswith` are refused.
 * @throws GraphError for a filter that Graph does not take.
 */
export function readFilter<T>(text: string, kind: ResourceKind<T>, isAdvanced: boolean): ObjectFilter {
  const node = parse(text);
  if (kind.isSearchedByIndex === true && !isAdvanced) throw needsAdvancedQuery();
  checkSupport(node, kind, isAdvanced, []);
  return {
    test: (read) => evaluate(node, read),
    equality:
      node.kind === 'compare' && node.operator === 'eq' && typeof node.value === 'string'
        ? { property: node.property, value: node.value }
        : undefined,
  };
}

function parse(text: string): FilterNode {
  try {
    return parseFilter(text);
  } catch (error) {
    if (error instanceof FilterSyntaxError)
      throw new GraphError(400, 'BadRequest', `Invalid filter clause: ${error.message}`);
    throw error;
  }
}

/** @param variables names bound by an enclosing `any`. */
function checkSupport<T>(
  node: FilterNode,
  kind: ResourceKind<T>,
  isAdvanced: boolean,
  variables: readonly string[],
): void {
  const checkProperty = (property: string): void => {
    const root = property.split('/')[0] ?? '';
    if (variables.includes(root) || kind.filterable.includes(root)) return;
    const message = `Unsupported or invalid query filter clause specified for property '${property}' of resource '${kind.name}'.`;
    throw new GraphError(400, 'Request_UnsupportedQuery', message);
  };
  const requireAdvanced = (): void => {
    if (!isAdvanced) throw needsAdvancedQuery();
  };
  switch (node.kind) {
    case 'compare':
      checkProperty(node.property);
      if (node.operator === 'ne') requireAdvanced();
      return;
    case 'in':
      checkProperty(node.property);
      return;
    case 'call':
      if (node.property === undefined || !['startswith', 'endswith'].includes(node.name.toLowerCase())) {
        throw badRequest(`Invalid filter clause: unknown function '${node.name}'.`);
      }
      checkProperty(node.property);
      if (node.name.toLowerCase() === 'endswith') requireAdvanced();
      return;
    case 'any':
      checkProperty(node.property);
      checkSupport(node.condition, kind, isAdvanced, [...variables, node.variable]);
      return;
    case 'not':
      requireAdvanced();
      checkSupport(node.inner, kind, isAdvanced, variables);
      return;
    case 'and':
    case 'or':
      checkSupport(node.left, kind, isAdvanced, variables);
      checkSupport(node.right, kind, isAdvanced, variables);
  }
}

function needsAdvancedQuery(): GraphError {
  const message = 'Unsupported Query. This filter needs $count=true and the header ConsistencyLevel: eventual.';
  return new GraphError(400, 'Request_UnsupportedQuery', message);
}

function evaluate(node: FilterNode, read: PropertyReader): boolean {
  switch (node.kind) {
    case 'compare':
      return compare(readPath(read, node.property), node.operator, node.value);
    case 'in': {
      const value = readPath(read, node.property);
      return node.values.some((literal) => compare(value, 'eq', literal));
    }
    case 'call': {
      const value = foldCase(readPath(read, node.property ?? ''));
      const [wanted = ''] = node.values.map(foldCase);
      if (typeof value !== 'string' || typeof wanted !== 'string') return false;
      return node.name.toLowerCase() === 'startswith' ? value.startsWith(wanted) : value.endsWith(wanted);
    }
    case 'any': {
      const items = readPath(read, node.property);
      if (!Array.isArray(items)) return false;
      return items.some((item: unknown) =>
        evaluate(node.condition, (name) => (name === node.variable ? item : read(name))),
      );
    }
    case 'not':
      return !evaluate(node.inner, read);
    case 'and':
      return evaluate(node.left, read) && evaluate(node.right, read);
    case 'or':
      return evaluate(node.left, read) || evaluate(node.right, read);
  }
}

/** `p/keyId`: the property keyId of what p stands for. */
function readPath(read: PropertyReader, path: string): unknown {
  const [root = '', ...rest] = path.split('/');
  let value = read(root);
  for (const name of rest) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([key]) => key === name)?.[1];
  }
  return value;
}

/** Text compares without regard to case, as in the directory. */
function compare(value: unknown, operator: ComparisonOperator, literal: Literal): boolean {
  const left = foldCase(value);
  const right = foldCase(literal);
  if (operator === 'eq') return left === right;
  if (operator === 'ne') return left !== right;
  if (typeof left === 'number' && typeof right === 'number') return isOrdered(left - right, operator);
  if (typeof left === 'string' && typeof right === 'string')
    return isOrdered(left < right ? -1 : Number(left > right), operator);
  return false;
}

function isOrdered(difference: number, operator: 'lt' | 'le' | 'gt' | 'ge'): boolean {
  switch (operator) {
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
  }
}

function foldCase(value: unknown): unknown {
  if (typeof value === 'string') return value.toLowerCase();
  return value === undefined ? null : value;
}
