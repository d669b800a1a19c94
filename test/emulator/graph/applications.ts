/** `/applications`: create, upsert, read, list, change, delete. */
import { X509Certificate } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import type { EmulatorReply } from '../server/exchange.ts';
import {
  SIGN_IN_AUDIENCES,
  includesPersonalAccounts,
  type Application,
  type KeyCredential,
} from '../state/applications.ts';
import { createPassword, encodePassword } from '../state/passwords.ts';
import { APPLICATION_KIND, OTHER_APPLICATION_PROPERTIES } from './application-kind.ts';
import {
  invalidValue,
  parseReference,
  prefersCreation,
  readKey,
  readObjectList,
  readText,
  readTextList,
  requireOwnership,
  type GraphCall,
  type GraphRoute,
  type PathKey,
} from './call.ts';
import { checkPasswordCount, checkPasswordPolicy, readPasswordRequest } from './credential-rules.ts';
import { requireDirectoryObject } from './directory-objects.ts';
import { badRequest, GraphError, quotaExceeded, resourceNotFound } from './errors.ts';
import { answerList, answerObject } from './listing.ts';
import { APPLICATION_OWNED, APPLICATION_READ, APPLICATION_WRITE } from './rights.ts';

export const APPLICATION_ROUTES: readonly GraphRoute[] = [
  { method: 'GET', path: '/applications', rights: APPLICATION_READ, answer: list },
  {
    method: 'POST',
    path: '/applications',
    rights: APPLICATION_WRITE,
    ownedRights: APPLICATION_OWNED,
    answer: (call) => create(call, null),
  },
  {
    method: 'GET',
    path: '/applications/{}',
    rights: APPLICATION_READ,
    answer: (call) => answerObject(call, APPLICATION_KIND, requireApplication(call, readKey(call, 0))),
  },
  {
    method: 'PATCH',
    path: '/applications/{}',
    rights: APPLICATION_WRITE,
    ownedRights: APPLICATION_OWNED,
    answer: patch,
  },
  {
    method: 'DELETE',
    path: '/applications/{}',
    rights: APPLICATION_WRITE,
    ownedRights: APPLICATION_OWNED,
    answer: remove,
  },
];

function list(call: GraphCall): EmulatorReply {
  const { applications } = call.emulation.tenant;
  const { view } = call.request;
  return answerList(call, {
    kind: APPLICATION_KIND,
    list: () => applications.list(view),
    find: (name, value) =>
      name === 'id' || name === 'appId' || name === 'uniqueName'
        ? [applications.find({ name, value }, view) ?? []].flat()
        : undefined,
  });
}

/** The application as this call's replica sees it. @throws GraphError 404 */
export function requireApplication(call: GraphCall, key: PathKey): Application {
  const found = findApplication(call, key);
  if (found === undefined) throw resourceNotFound(key.value);
  return found;
}

function findApplication(call: GraphCall, { name, value }: PathKey): Application | undefined {
  if (name !== 'id' && name !== 'appId' && name !== 'uniqueName') throw badRequest(`Unknown key '${name}'.`);
  return call.emulation.tenant.applications.find({ name, value }, call.request.view);
}

/**
 * The application to change: the replica must have it, the primary still, and the caller may.
 * @returns the primary's version.
 * @throws GraphError 404, 403, or 409/503 when it collides with another write.
 */
export function requireApplicationForWrite(call: GraphCall, key: PathKey): Application {
  const { tenant, settings, writeCollisions } = call.emulation;
  const current = tenant.applications.get(requireApplication(call, key).id);
  if (current === undefined) throw resourceNotFound(key.value);
  requireOwnership(call, current.id);
  if (writeCollisions.collides(current.id, call.request.nowMs, settings.concurrencyWindowMs)) {
    const message = 'Error due to concurrent requests being made to the tenant. Please wait briefly and retry.';
    throw new GraphError(settings.concurrencyStatus, 'Directory_ConcurrencyViolation', message);
  }
  return current;
}

function create(call: GraphCall, uniqueName: string | null): EmulatorReply {
  const { emulation, body, caller, request } = call;
  const { tenant, random, settings } = emulation;
  const now = new Date(request.nowMs);
  const displayName = readText(body, 'displayName');
  if (displayName === undefined || displayName === '') {
    throw badRequest("A value is required for property 'displayName' of resource 'Application'.");
  }
  if (uniqueName === null && readText(body, 'uniqueName') !== undefined) {
    throw badRequest("Property 'uniqueName' is read-only and cannot be set.");
  }
  const requests = (readObjectList(body, 'passwordCredentials') ?? []).map(readPasswordRequest);
  if (requests.length > 0 && (uniqueName !== null || settings.creationPasswords === 'refused')) {
    throw badRequest("Property 'passwordCredentials' cannot be set when the application is created.");
  }
  for (const asked of requests) checkPasswordPolicy(asked, settings, now);
  checkQuotas(call);
  const kept = settings.creationPasswords === 'lost' ? [] : requests;
  const passwords = kept.map((asked) =>
    createPassword(settings.creationPasswords === 'defaultEnd' ? { ...asked, endAt: null } : asked, random, now),
  );
  const application: Application = {
    id: random.uuid(),
    appId: random.uuid(),
    uniqueName,
    signInAudience: 'AzureADMyOrg',
    tags: [],
    notes: null,
    createdAt: now,
    federatedCredentials: [],
    otherProperties: {},
    createdBy: caller.objectId,
    keys: [],
    ...readChanges(call),
    displayName,
    passwords,
  };
  checkPasswordCount(passwords.length, includesPersonalAccounts(application), settings);
  const owners = readBoundOwners(call);
  tenant.addApplication(application);
  for (const ownerId of owners) tenant.owners.add(application.id, ownerId);
  return answerObject(call, APPLICATION_KIND, application, {
    status: 201,
    extra: { passwordCredentials: passwords.map((password) => encodePassword(password, 'secret')) },
  });
}

/** Owners named in the request that creates an object, and the caller where its rights end at what it owns. */
export function readBoundOwners(call: GraphCall): ReadonlySet<string> {
  const named = (readTextList(call.body, 'owners@odata.bind') ?? []).map(parseReference);
  for (const id of named) requireDirectoryObject(call, id);
  return new Set(call.isOwnedOnly ? [call.caller.objectId, ...named] : named);
}

/** @throws GraphError when the tenant or the caller may hold no more objects. */
export function checkQuotas(call: GraphCall): void {
  const { tenant, settings } = call.emulation;
  if (tenant.countObjects() >= settings.quotas.directoryObjects) throw quotaExceeded('Tenant');
  if (tenant.countObjectsOf(call.caller.objectId) >= settings.quotas.objectsPerPrincipal)
    throw quotaExceeded('Principal');
}

function patch(call: GraphCall): EmulatorReply {
  const key = readKey(call, 0);
  if (key.name === 'uniqueName' && prefersCreation(call) && findApplication(call, key) === undefined) {
    // The primary knows names that this replica does not.
    const isTaken = call.emulation.tenant.applications.find({ name: 'uniqueName', value: key.value }) !== undefined;
    return isTaken ? { status: 204 } : create(call, key.value);
  }
  const application = requireApplicationForWrite(call, key);
  const changes = readChanges(call);
  call.emulation.tenant.applications.put({
    ...application,
    ...changes,
    otherProperties: { ...application.otherProperties, ...changes.otherProperties },
    passwords: keepPasswords(call, application),
  });
  return { status: 204 };
}

/** A PATCH may drop passwords by leaving them out, and add none. */
function keepPasswords(call: GraphCall, application: Application): Application['passwords'] {
  const listed = readObjectList(call.body, 'passwordCredentials');
  if (listed === undefined) return application.passwords;
  return listed.map((item) => {
    const known = application.passwords.find((password) => password.keyId === readText(item, 'keyId'));
    if (known === undefined) throw badRequest('New password credentials must be generated with service actions.');
    return known;
  });
}

function remove(call: GraphCall): EmulatorReply {
  call.emulation.tenant.deleteApplication(requireApplicationForWrite(call, readKey(call, 0)));
  return { status: 204 };
}

/** What a POST or PATCH body sets. @throws GraphError for a property or value that Graph does not take. */
function readChanges(call: GraphCall): Partial<Application> {
  const { body } = call;
  const displayName = readText(body, 'displayName');
  const tags = readTextList(body, 'tags');
  const keys = readObjectList(body, 'keyCredentials');
  const audience = readText(body, 'signInAudience');
  const signInAudience = SIGN_IN_AUDIENCES.find((known) => known === audience);
  if (audience !== undefined && signInAudience === undefined) throw invalidValue('signInAudience');
  if (tags !== undefined) checkTags(tags);
  return {
    ...(displayName !== undefined && { displayName }),
    ...(tags !== undefined && { tags }),
    ...(body['notes'] !== undefined && { notes: readText(body, 'notes') ?? null }),
    ...(signInAudience !== undefined && { signInAudience }),
    ...(keys !== undefined && { keys: keys.map((key) => readCertificate(key, call)) }),
    otherProperties: readOtherProperties(body),
  };
}

const HANDLED_PROPERTIES = [
  'displayName',
  'tags',
  'notes',
  'signInAudience',
  'passwordCredentials',
  'keyCredentials',
  'uniqueName',
  'owners@odata.bind',
];

function readOtherProperties(body: JsonObject): JsonObject {
  const kept = Object.entries(body).filter(
    ([name]) => !HANDLED_PROPERTIES.includes(name) && !name.startsWith('@odata.'),
  );
  for (const [name] of kept) {
    if (!(name in OTHER_APPLICATION_PROPERTIES)) throw badRequest(`Invalid property '${name}'.`);
  }
  return Object.fromEntries(kept);
}

export function checkTags(tags: readonly string[]): void {
  if (tags.some((tag) => tag === '' || tag.length > 256 || /\s/.test(tag)) || new Set(tags).size < tags.length) {
    throw badRequest("Invalid value specified for property 'tags' of resource 'Application'.");
  }
}

function readCertificate(body: JsonObject, { emulation }: GraphCall): KeyCredential {
  const certificate = Buffer.from(readText(body, 'key') ?? '', 'base64');
  try {
    const parsed = new X509Certificate(certificate);
    return {
      keyId: readText(body, 'keyId') ?? emulation.random.uuid(),
      displayName: readText(body, 'displayName') ?? parsed.subject,
      startAt: new Date(parsed.validFrom),
      endAt: new Date(parsed.validTo),
      certificate: parsed.raw,
    };
  } catch {
    throw badRequest('Key credential value is not a valid certificate.');
  }
}
