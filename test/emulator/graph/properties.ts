/** Objects as tables of properties, so that answers, `$select` and `$filter` come from the same place. */

export type PropertyTable<T> = Readonly<Record<string, (object: T) => unknown>>;

/** A kind of object that Graph lists. */
export interface ResourceKind<T> {
  /** As it appears in messages, for example `Application`. */
  readonly name: string;
  /** As it appears in `@odata.context`, for example `applications`. */
  readonly collection: string;
  /** For `@odata.type` in mixed collections: `#microsoft.graph.application`. */
  readonly odataType: string;
  readonly properties: PropertyTable<T>;
  /** What `$filter` may name; anything else is an unsupported query. */
  readonly filterable: readonly string[];
  /** Every `$filter` needs `ConsistencyLevel: eventual` and `$count=true`. */
  readonly isSearchedByIndex?: boolean;
}

/** @param select property names asked for; empty: all. Unknown names are left out, as Graph does in lists. */
export function encodeObject<T>(
  table: PropertyTable<T>,
  object: T,
  select: readonly string[],
): Record<string, unknown> {
  const encoded: Record<string, unknown> = {};
  for (const name of select.length > 0 ? select : Object.keys(table)) {
    const read = table[name];
    if (read !== undefined) encoded[name] = read(object);
  }
  return encoded;
}
