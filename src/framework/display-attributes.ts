/** Hints for the host's user interface and for code generators. Names are the host's own: they go out as they are. */
import type { JsonObject, JsonValue } from '../util/json.ts';

export interface DisplayAttributes {
  /** Label, for example `Tenant ID`. */
  readonly name?: string;
  /** Help text in the user interface instead of the field's description. */
  readonly description?: string;
  /** A sample value, for display only. */
  readonly value?: JsonValue;
  /** Masked in the user interface. */
  readonly sensitive?: boolean;
  readonly navigation?: boolean;
  readonly itemType?: string;
  readonly group?: string;
  readonly action?: string;
  /** `textarea` or `file`. */
  readonly editType?: string;
  readonly identifier?: boolean;
  /** Parts of the OpenAPI operation id, lower-case words joined by hyphens: prefix, verb, suffix. */
  readonly operationPrefix?: string;
  readonly operationVerb?: string;
  /** One per path that the pattern expands to, separated by `|`, for example `role|roles`. */
  readonly operationSuffix?: string;
}

/** What the host is shown: no operation hints, nothing empty; `undefined` when nothing is left. */
export function visibleAttributes(attributes: DisplayAttributes | undefined): JsonObject | undefined {
  if (attributes === undefined) return undefined;
  const { name, description, value, sensitive, navigation, itemType, group, action, editType, identifier } = attributes;
  const shown = Object.entries({
    name,
    description,
    value,
    sensitive,
    navigation,
    itemType,
    group,
    action,
    editType,
    identifier,
  }).flatMap(([key, attribute]) =>
    attribute === undefined || attribute === '' || attribute === false ? [] : [[key, attribute] as const],
  );
  return shown.length === 0 ? undefined : Object.fromEntries(shown);
}
