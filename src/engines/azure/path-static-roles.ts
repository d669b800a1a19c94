/** `static-roles/`, `static-roles/:name` and `static-roles/:name/import`: existing applications whose secret is kept here. */
import { InvalidRequestError } from '../../errors.ts';
import {
  definePath,
  field,
  genericNameRegex,
  listResponse,
  type Path,
  type PathRequest,
} from '../../framework/index.ts';
import type { Request, Response } from '../../logical/index.ts';
import type { JsonObject, JsonValue } from '../../util/json.ts';
import { formatTime } from '../../util/rfc3339.ts';
import { STATIC_ROLE_ANSWER } from './answer-fields.ts';
import { staticRoleLock } from './lock-keys.ts';
import { shownMetadata } from './metadata.ts';
import { NEW_STATIC_ROLE } from './model-static.ts';
import type { AzureMount } from './mount.ts';
import {
  type GivenStaticFields,
  type ImportSpec,
  mergeStaticRole,
  readImport,
  SHARED_STATIC_FIELDS,
} from './static-role-fields.ts';
import { listOwnSecrets, rotationAt } from './static-schedule.ts';
import { loadStaticCreds } from './static-secrets.ts';
import { deleteStaticRole } from './steps-static-delete.ts';
import { writeStaticRole } from './steps-static-write.ts';

const roleFields = {
  ...SHARED_STATIC_FIELDS,
  defer_initial_creds: field.bool({
    description:
      'Make no secret when the role is created: the first read of static-creds, or rotate-role, makes it. Not stored.',
  }),
  skip_import_rotation: field.bool({ description: 'The old name of defer_initial_creds.', isDeprecated: true }),
  expiration: field.string({
    description: 'Import: end of that password. Checked only; Azure tells the real one.',
    isDeprecated: true,
  }),
  keep_secret: field.bool({
    description: 'Deleting the role: leave the secret that the engine made in Azure.',
    isQuery: true,
  }),
};

const importFields = {
  ...SHARED_STATIC_FIELDS,
  skip_import_rotation: field.bool({
    description:
      'Without client_secret: do not replace the imported password. It cannot be read before the role is rotated.',
  }),
};

type RoleRequest = PathRequest<typeof roleFields>;
type ImportRequest = PathRequest<typeof importFields>;

const WRITE_EXAMPLE = {
  application_object_id: '408bf248-dd4e-4be5-919a-7f6207a307ab',
  rotation_period: '8760h',
  rotation_grace_period: '24h',
  metadata: { team: 'engineering' },
};

const IMPORT_EXAMPLE = {
  application_object_id: '408bf248-dd4e-4be5-919a-7f6207a307ab',
  secret_id: '5c2f7e2a-9d1b-4a64-8f0e-3b7c6d5e4f21',
  client_secret: '9Pf…',
};

const READ_EXAMPLE = {
  application_object_id: '408bf248-dd4e-4be5-919a-7f6207a307ab',
  ttl: 31536000,
  rotation_period: 31536000,
  metadata: { team: 'engineering' },
  seamless_rotation: true,
  rotation_grace_period: 300,
  next_rotation: '2027-11-27T09:00:00Z',
};

export function staticRolePaths(mount: AzureMount): Path[] {
  const forwarded = { forwardPerformanceStandby: true, forwardPerformanceSecondary: true };
  const write = {
    handler: (request: RoleRequest) => writeRole(mount, request),
    summary: 'Create or update a static role.',
    description:
      'A new role gets a new password of the application at once, unless that is deferred or one is imported. Fields that are not given keep their values. Another application_object_id makes a secret of that application; the old one is removed after the grace period if the engine made it.',
    example: WRITE_EXAMPLE,
    ...forwarded,
  };
  return [
    definePath({
      pattern: `static-roles/${genericNameRegex('name')}`,
      fields: roleFields,
      synopsis: 'Manage the static roles.',
      description:
        'A static role keeps one secret of an existing application and rotates it. Everybody who reads static-creds/<name> gets the same secret, without a lease.',
      displayAttributes: { operationPrefix: 'azure', operationSuffix: 'static-role' },
      existenceCheck: async (request) =>
        (await mount.stores.staticRoles.get(request.storage, request.fields.name)) !== undefined,
      operations: {
        create: write,
        update: write,
        read: {
          handler: (request) => readRole(mount, request),
          summary: 'Read a static role.',
          responses: [
            {
              status: 200,
              description: 'The role.',
              fields: STATIC_ROLE_ANSWER,
              example: READ_EXAMPLE,
            },
          ],
        },
        delete: {
          handler: (request) => deleteRole(mount, request),
          summary: 'Delete a static role.',
          description:
            'Passwords that the engine made are removed from the application, unless keep_secret is given; an imported one stays.',
          ...forwarded,
        },
      },
    }),
    definePath({
      pattern: `static-roles/${genericNameRegex('name')}/import`,
      fields: importFields,
      synopsis: 'Import a password of an application into a static role.',
      description:
        'Makes the role, or gives an existing one another secret. With client_secret the password is usable at once. With skip_import_rotation it is only noted. With neither it is replaced by a new one in the same request.',
      displayAttributes: { operationPrefix: 'azure', operationVerb: 'import', operationSuffix: 'static-role' },
      operations: {
        update: {
          handler: (request) => importRole(mount, request),
          summary: 'Import a password of an application into a static role.',
          example: IMPORT_EXAMPLE,
          ...forwarded,
        },
      },
    }),
    definePath({
      pattern: 'static-roles/?',
      fields: {},
      synopsis: 'List the static roles.',
      description: 'Names only.',
      displayAttributes: { operationPrefix: 'azure', operationSuffix: 'static-roles' },
      operations: {
        list: {
          handler: async (request) => listResponse(await mount.stores.staticRoles.list(request.storage)),
          summary: 'List the static roles.',
        },
      },
    }),
  ];
}

async function writeRole(mount: AzureMount, request: RoleRequest): Promise<undefined> {
  const { name, defer_initial_creds: isDeferred, skip_import_rotation: isSkipped } = request.fields;
  const isLeftAlone = isDeferred || isSkipped;
  const imported = readImport(request.given, isLeftAlone, mount.dependencies.clock.now());
  await writeUnderLock(mount, request, { roleName: name, given: request.given, imported, isDeferred: isLeftAlone });
}

async function importRole(mount: AzureMount, request: ImportRequest): Promise<undefined> {
  const { name, skip_import_rotation: isSkipped } = request.fields;
  const imported = readImport(request.given, isSkipped, mount.dependencies.clock.now());
  if (imported === undefined) {
    throw new InvalidRequestError("missing required field 'secret_id': the key id of a password of the application");
  }
  await writeUnderLock(mount, request, { roleName: name, given: request.given, imported, isDeferred: false });
}

interface Write {
  readonly roleName: string;
  readonly given: GivenStaticFields;
  readonly imported: ImportSpec | undefined;
  readonly isDeferred: boolean;
}

async function writeUnderLock(mount: AzureMount, request: Request, { given, ...rest }: Write): Promise<void> {
  const session = await mount.session(request.storage);
  using budget = mount.startIssueBudget(request, session.config);
  const write = async (): Promise<void> => {
    const before = await mount.stores.staticRoles.get(request.storage, rest.roleName);
    const old = before ?? { ...NEW_STATIC_ROLE, isSeamless: session.config.seamlessRotation };
    await writeStaticRole({ mount, session, budget }, { ...rest, before, role: mergeStaticRole(old, given) });
  };
  await mount.locks.run(staticRoleLock(rest.roleName), write, budget.signal);
}

async function readRole(mount: AzureMount, request: RoleRequest): Promise<Response | undefined> {
  const { name } = request.fields;
  const role = await mount.stores.staticRoles.get(request.storage, name);
  if (role === undefined) return undefined;
  const { current } = await loadStaticCreds(mount, name, role);
  const data: Record<string, JsonValue> = {
    application_object_id: role.applicationObjectId,
    ttl: role.rotationPeriodSeconds,
    rotation_period: role.rotationPeriodSeconds,
    ...staticMetadata(role.metadata),
    seamless_rotation: role.isSeamless,
    rotation_grace_period: role.gracePeriodSeconds,
  };
  const isRotated = current !== undefined && current.clientSecret !== '';
  if (isRotated) data['next_rotation'] = formatTime(rotationAt(role, current));
  const lastError = mount.staticRoleErrors.get(name);
  if (lastError !== undefined) data['last_error'] = lastError;
  return { data };
}

/** Always there, unlike elsewhere. */
export function staticMetadata(metadata: Parameters<typeof shownMetadata>[0]): JsonObject {
  return { metadata: {}, ...shownMetadata(metadata) };
}

async function deleteRole(mount: AzureMount, request: RoleRequest): Promise<Response | undefined> {
  const { name, keep_secret: shouldKeepSecret } = request.fields;
  const remove = async (): Promise<readonly string[]> => {
    const role = await mount.stores.staticRoles.get(request.storage, name);
    if (role === undefined) return [];
    const creds = await loadStaticCreds(mount, name, role);
    const session = await mount.session(request.storage);
    using budget = mount.startRequestBudget(request, session.config);
    const secrets = listOwnSecrets(creds);
    return await deleteStaticRole(
      { mount, session, budget },
      shouldKeepSecret
        ? { roleName: name, secrets: [], keptKeyIds: secrets.map(({ keyId }) => keyId) }
        : { roleName: name, secrets, keptKeyIds: [] },
    );
  };
  const remaining = await mount.locks.run(staticRoleLock(name), remove, request.signal);
  if (remaining.length === 0) return undefined;
  return {
    warnings: remaining.map(
      (keyId) => `password ${keyId} of the application could not be removed yet; it is tried again every few minutes`,
    ),
  };
}
