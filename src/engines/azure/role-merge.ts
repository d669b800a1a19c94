/** A role as a write leaves it, checked as far as that needs no Azure. */
import { InvalidRequestError } from '../../errors.ts';
import { isManaged, type RoleRecord } from './model-role.ts';
import { checkSignInAudience, checkTags, checkTtls, parseAzureGroups, parseAzureRoles } from './role-fields.ts';
import type { RoleRequest } from './role-request.ts';
import { isSameId } from './same-id.ts';

export interface MergedRole {
  readonly role: RoleRecord;
  /** True when the role has an application of its own, or is to get one. */
  readonly ownsApplication: boolean;
}

/**
 * A field that was not given keeps its value; '', `null` and `[]` clear it. The checks come in the order of the Go
 * plugin.
 * @throws InvalidRequestError.
 */
export function mergeRole(old: RoleRecord, request: RoleRequest): MergedRole {
  const { given } = request;
  const times = {
    ttlSeconds: mergeDuration(request, 'ttl', old.ttlSeconds),
    maxTtlSeconds: mergeDuration(request, 'max_ttl', old.maxTtlSeconds),
    explicitMaxTtlSeconds: mergeDuration(request, 'explicit_max_ttl', old.explicitMaxTtlSeconds),
  };
  checkTtls(times);
  const signInAudience =
    given.sign_in_audience === undefined ? old.signInAudience : checkSignInAudience(given.sign_in_audience);
  const tags = given.tags === undefined ? old.tags : checkTags(given.tags);
  const permanentlyDelete = given.permanently_delete ?? old.permanentlyDelete;
  const application = mergeApplication(old, request);
  if (application.namedObjectId !== '' && permanentlyDelete) {
    throw new InvalidRequestError('permanently_delete must be false if application_object_id is provided');
  }
  if (application.namedObjectId !== '' && application.persistApp) {
    throw new InvalidRequestError(
      'persist_app must be false if application_object_id is provided: the role makes an application of its own; to let it, write application_object_id="" as well',
    );
  }
  const azureRoles = given.azure_roles === undefined ? old.azureRoles : parseAzureRoles(given.azure_roles);
  const azureGroups = given.azure_groups === undefined ? old.azureGroups : parseAzureGroups(given.azure_groups);
  const { ownsApplication, persistApp } = application;
  const applicationObjectId = ownsApplication ? old.managedApplicationObjectId : application.namedObjectId;
  if (applicationObjectId === '' && isEmpty(azureRoles) && isEmpty(azureGroups)) {
    throw new InvalidRequestError(
      'either Azure role definitions, group definitions, or an Application Object ID must be provided',
    );
  }
  return {
    role: {
      ...old,
      ...times,
      signInAudience,
      tags,
      permanentlyDelete,
      applicationObjectId,
      persistApp,
      azureRoles,
      azureGroups,
      metadata: given.metadata ?? old.metadata,
    },
    ownsApplication,
  };
}

interface MergedApplication {
  /** The application that a user named; '' for none. */
  readonly namedObjectId: string;
  readonly persistApp: boolean;
  readonly ownsApplication: boolean;
}

/**
 * The role's own application is shown as its `application_object_id`. Clients send back what they have read, so its id
 * counts as none: neither as somebody else's application, nor as a wish to go on with this one.
 */
function mergeApplication(old: RoleRecord, { given }: RoleRequest): MergedApplication {
  const isOwn = (id: string): boolean => isSameId(id, old.managedApplicationObjectId);
  const stated = given.application_object_id ?? old.applicationObjectId;
  const namedObjectId = isOwn(stated) ? '' : stated;
  const persistApp = given.persist_app ?? old.persistApp;
  // The Go plugin goes on using the application when persist_app is switched off; such a role stays as it is until
  // a write says what it is to be.
  const isLeftOn = isManaged(old) && given.persist_app === undefined && namedObjectId === '' && isOwn(stated);
  return { namedObjectId, persistApp, ownsApplication: persistApp || isLeftOn };
}

/** `null` counts as given here: it clears, as for every other field. */
function mergeDuration({ given, raw }: RoleRequest, name: 'ttl' | 'max_ttl' | 'explicit_max_ttl', old: number): number {
  return raw.get(name) === null ? 0 : (given[name] ?? old);
}

function isEmpty(list: readonly unknown[] | null): boolean {
  return list === null || list.length === 0;
}
