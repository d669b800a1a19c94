/** Checks of a role's fields that need nothing from Azure. All throw `InvalidRequestError`. */
import { InvalidRequestError } from '../../errors.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../util/json.ts';
import { isReservedTag, isScope } from './handles.ts';
import type { AzureGroup, AzureRole, RoleRecord } from './model-role.ts';

const SIGN_IN_AUDIENCES = [
  'AzureADMyOrg',
  'AzureADMultipleOrgs',
  'AzureADandPersonalMicrosoftAccount',
  'PersonalMicrosoftAccount',
];
const MAX_TAG_LENGTH = 256;

/** Texts: vault-plugin-secrets-azure v0.23.0, path_roles.go (pathRoleUpdate). */
export function checkTtls({
  ttlSeconds,
  maxTtlSeconds,
  explicitMaxTtlSeconds,
}: Pick<RoleRecord, 'ttlSeconds' | 'maxTtlSeconds' | 'explicitMaxTtlSeconds'>): void {
  if (maxTtlSeconds !== 0 && ttlSeconds > maxTtlSeconds) {
    throw new InvalidRequestError('ttl cannot be greater than max_ttl');
  }
  if (explicitMaxTtlSeconds !== 0 && ttlSeconds > explicitMaxTtlSeconds) {
    throw new InvalidRequestError('ttl cannot be greater than explicit_max_ttl');
  }
  if (explicitMaxTtlSeconds !== 0 && maxTtlSeconds > explicitMaxTtlSeconds) {
    throw new InvalidRequestError('max_ttl cannot be greater than explicit_max_ttl');
  }
}

/** '' is the default. */
export function checkSignInAudience(signInAudience: string): string {
  if (signInAudience !== '' && !SIGN_IN_AUDIENCES.includes(signInAudience)) {
    throw new InvalidRequestError(
      `Invalid value for sign_in_audience field. Valid values are: ${SIGN_IN_AUDIENCES.join(', ')}`,
    );
  }
  return signInAudience;
}

/**
 * Trimmed, sorted, without empty ones and duplicates. Source: vault-plugin-secrets-azure v0.23.0, path_roles.go
 * (validateTags). Differs: white space of every kind is refused, and the limit is in characters, not in bytes.
 */
export function checkTags(tags: readonly string[]): string[] {
  const unique = [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))].sort();
  for (const tag of unique) {
    if (tag.length > MAX_TAG_LENGTH) {
      throw new InvalidRequestError('individual tag size must be between 1 and 256 characters (inclusive)');
    }
    if (/\s/u.test(tag)) throw new InvalidRequestError('whitespaces are not allowed in tags');
    if (isReservedTag(tag)) {
      throw new InvalidRequestError(
        'tags must not begin with vault-op: or vault-mount:, by which the engine finds its own applications',
      );
    }
  }
  return unique;
}

/**
 * Parses `azure_roles`, for example `[{"role_name":"Reader","scope":"/subscriptions/…"}]`. '' and `null` are no roles.
 * Differs from the Go plugin: a missing scope or a missing name is refused here, not when a credential is asked for.
 */
export function parseAzureRoles(text: string): AzureRole[] {
  return parseEntries('azure_roles', 'roles', text).map((entry, index) => {
    const where = `azure_roles[${index}]`;
    const role = {
      roleName: readText(entry, where, 'role_name'),
      roleDefinitionId: readText(entry, where, 'role_id'),
      scope: readText(entry, where, 'scope'),
    };
    if (role.roleName === '' && role.roleDefinitionId === '') {
      throw new InvalidRequestError(`${where}: either role_name or role_id must be provided`);
    }
    if (!role.scope.startsWith('/')) {
      throw new InvalidRequestError(
        `${where}: scope must be provided and start with '/', for example /subscriptions/<id>/resourceGroups/<name>`,
      );
    }
    if (!isScope(role.scope)) {
      throw new InvalidRequestError(
        `${where}: scope must be an Azure resource id, without "." and ".." segments, "?", "#", "\\" and control characters`,
      );
    }
    return role;
  });
}

/** Parses `azure_groups`, for example `[{"group_name":"developers"}]`. '' and `null` are no groups. */
export function parseAzureGroups(text: string): AzureGroup[] {
  return parseEntries('azure_groups', 'groups', text).map((entry, index) => {
    const where = `azure_groups[${index}]`;
    const group = { groupName: readText(entry, where, 'group_name'), groupId: readText(entry, where, 'object_id') };
    if (group.groupName === '' && group.groupId === '') {
      throw new InvalidRequestError(`${where}: either group_name or object_id must be provided`);
    }
    return group;
  });
}

function parseEntries(field: string, noun: string, text: string): JsonObject[] {
  let json: JsonValue;
  try {
    json = text.trim() === '' ? null : parseJson(text);
  } catch (error) {
    throw new InvalidRequestError(`error parsing Azure ${noun} '${text}': ${field} must be a JSON list of objects`, {
      cause: error,
    });
  }
  if (json === null) return [];
  if (!isJsonArray(json) || !json.every(isJsonObject)) {
    throw new InvalidRequestError(`error parsing Azure ${noun} '${text}': ${field} must be a JSON list of objects`);
  }
  return [...json];
}

/** '' when absent. Go matches JSON keys whatever their case. */
function readText(entry: JsonObject, where: string, name: string): string {
  const value = Object.entries(entry).find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
  if (typeof value !== 'string') throw new InvalidRequestError(`${where}: ${name} must be a string`);
  return value;
}
