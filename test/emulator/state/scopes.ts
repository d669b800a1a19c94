/** ARM scopes: `/`, management groups, subscriptions, resource groups, resources. */

export interface ParsedScope {
  /** Without a trailing slash; `/` for the tenant root. */
  readonly path: string;
  readonly managementGroup?: string;
  readonly subscriptionId?: string;
  readonly resourceGroup?: string;
  /** For a resource: `Microsoft.Storage/storageAccounts/name`. */
  readonly resource?: string;
}

const MANAGEMENT_GROUP = /^\/providers\/Microsoft\.Management\/managementGroups\/([^/]+)$/i;
const SUBSCRIPTION = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+)(?:\/providers\/(.+))?)?$/i;

/** @returns `undefined` when it is none of the forms that ARM knows. */
export function parseScope(path: string): ParsedScope | undefined {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed === '') return { path: '/' };
  const group = MANAGEMENT_GROUP.exec(trimmed)?.[1];
  if (group !== undefined) return { path: trimmed, managementGroup: group };
  const match = SUBSCRIPTION.exec(trimmed);
  if (match === null) return undefined;
  const [, subscriptionId = '', resourceGroup, resource] = match;
  return {
    path: trimmed,
    subscriptionId: subscriptionId.toLowerCase(),
    ...(resourceGroup !== undefined && { resourceGroup }),
    ...(resource !== undefined && { resource }),
  };
}

/** Whether `scope` is `ancestor` or lies below it, by path. Management groups hold everything: there is one tree. */
export function isScopeWithin(scope: string, ancestor: string): boolean {
  const upper = ancestor.replace(/\/+$/, '').toLowerCase();
  if (upper === '' || MANAGEMENT_GROUP.test(upper)) return true;
  const lower = scope.replace(/\/+$/, '').toLowerCase();
  return lower === upper || lower.startsWith(`${upper}/`);
}
