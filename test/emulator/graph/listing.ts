/** Single objects and collections as Graph answers them: `$select`, `$filter`, `$top`, `$count`, paging. */
import type { EmulatorReply } from '../server/exchange.ts';
import type { GraphCall } from './call.ts';
import { badRequest } from './errors.ts';
import { readFilter, type ObjectFilter } from './filters.ts';
import { encodeObject, type ResourceKind } from './properties.ts';

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 999;

/** Objects to list; `find` answers a filter on an indexed property without a scan. */
export interface Listing<T extends { readonly id: string }> {
  readonly kind: ResourceKind<T>;
  list(): Iterable<T>;
  /** `undefined`: no index for this property. */
  find?(property: string, value: string): readonly T[] | undefined;
}

export function readSelect(call: GraphCall): readonly string[] {
  const select = call.request.query.get('$select') ?? '';
  return select === '' ? [] : select.split(',').map((name) => name.trim());
}

export function answerObject<T>(
  call: GraphCall,
  kind: ResourceKind<T>,
  object: T,
  options: { readonly status?: number; readonly extra?: object } = {},
): EmulatorReply {
  const select = readSelect(call);
  const suffix = select.length > 0 ? `(${select.join(',')})` : '';
  return {
    status: options.status ?? 200,
    body: {
      '@odata.context': `${baseUrl(call)}/$metadata#${kind.collection}${suffix}/$entity`,
      ...encodeObject(kind.properties, object, select),
      ...options.extra,
    },
  };
}

export function answerList<T extends { readonly id: string }>(call: GraphCall, listing: Listing<T>): EmulatorReply {
  const { query } = call.request;
  const { kind } = listing;
  const filterText = query.get('$filter');
  const wantsCount = query.get('$count') === 'true';
  const isEventual = call.request.headers['consistencylevel'] === 'eventual';
  const filter = filterText === null ? undefined : readFilter(filterText, kind, isEventual && wantsCount);
  const found = filter === undefined ? [...listing.list()] : findMatches(listing, filter);
  const { page, nextAfter } = cutPage(call, found);
  const select = readSelect(call);
  return {
    status: 200,
    body: {
      '@odata.context': `${baseUrl(call)}/$metadata#${kind.collection}`,
      ...(wantsCount && isEventual && { '@odata.count': found.length }),
      ...(nextAfter !== undefined && { '@odata.nextLink': buildNextLink(call, nextAfter) }),
      value: page.map((object) => encodeObject(kind.properties, object, select)),
    },
  };
}

function findMatches<T extends { readonly id: string }>(listing: Listing<T>, filter: ObjectFilter): readonly T[] {
  const { equality } = filter;
  const indexed = equality === undefined ? undefined : listing.find?.(equality.property, equality.value);
  if (indexed !== undefined) return indexed;
  const { properties } = listing.kind;
  return [...listing.list()].filter((object) => filter.test((name) => properties[name]?.(object)));
}

/**
 * The page that the call asks for. Pages go by object id, so that an object removed between two of them hides no
 * other.
 */
export function cutPage<T extends { readonly id: string }>(
  call: GraphCall,
  found: readonly T[],
): { page: readonly T[]; nextAfter: string | undefined } {
  const top = readTop(call.request.query);
  const after = call.request.query.get('$skiptoken');
  if (after === null && found.length <= top) return { page: found, nextAfter: undefined };
  const sorted = [...found].sort((left, right) => (left.id < right.id ? -1 : 1));
  const rest = after === null ? sorted : sorted.filter(({ id }) => id > after);
  const page = rest.slice(0, top);
  return { page, nextAfter: rest.length > top ? page.at(-1)?.id : undefined };
}

function readTop(query: URLSearchParams): number {
  const text = query.get('$top');
  if (text === null) return DEFAULT_PAGE;
  const top = Number(text);
  if (!Number.isInteger(top) || top < 1 || top > LARGEST_PAGE) {
    throw badRequest(`Invalid page size specified: '${text}'. Must be between 1 and ${LARGEST_PAGE} inclusive.`);
  }
  return top;
}

export function buildNextLink(call: GraphCall, after: string): string {
  const query = new URLSearchParams(call.request.query);
  query.set('$skiptoken', after);
  return `https://${call.request.hostName}${call.request.path}?${query.toString()}`;
}

export function baseUrl(call: GraphCall): string {
  const version = call.request.path.split('/')[1] ?? 'v1.0';
  return `https://${call.request.hostName}/${version}`;
}
