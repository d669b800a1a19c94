/**
 * Rolls back the write-ahead entries that a Go plugin left behind on this mount. We write none: the Go plugin would
 * fail on kinds that it does not know, every minute. Source: vault-plugin-secrets-azure v0.23.0, wal.go.
 */
import { errorMessage, InternalError, toError } from '../../errors.ts';
import type { Request } from '../../logical/index.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../util/json.ts';
import { rejections, settleAll } from '../../util/parallel.ts';
import { addMs, parseTime } from '../../util/rfc3339.ts';
import { roleAssignmentId } from './handles.ts';
import { removePart } from './leftovers.ts';
import { CONFIG_LOCK, ROTATION_LOCK } from './lock-keys.ts';
import type { ConfigRecord, StagedRootSecret } from './model-config.ts';
import type { AzureMount } from './mount.ts';
import { PARALLEL_CALLS, type ProcedureContext, stepContext } from './procedure.ts';
import { readString, readStrings } from './record-codec.ts';
import { retryStep } from './retry.ts';
import { revokeApplication, revokePassword } from './steps-revoke.ts';

/** A staged root secret belongs to the entry when both were written within this time. */
const SAME_ROTATION_MS = 60_000;
const ROLLBACK_TIMEOUT_SECONDS = 60;
/** As for the entries that carry their own end. */
const GIVES_UP_AFTER_MS = 24 * 3600 * 1000;

/** One entry, as the framework hands it over. */
export interface ForeignEntry {
  readonly kind: string;
  readonly data: JsonValue;
  readonly createdAt: Date;
}

/** @throws when something could not be undone: the entry stays for the next minute. */
export async function rollBackForeignEntry(mount: AzureMount, entry: ForeignEntry, request: Request): Promise<void> {
  const { kind, createdAt } = entry;
  const data = isJsonObject(entry.data) ? entry.data : {};
  switch (kind) {
    case 'appCreate':
      return withExpiry(mount, data, () => removeApplication(mount, data, request));
    case 'appRoleAssign':
      return withExpiry(mount, data, () => removeAssignments(mount, data, request));
    case 'rotateRootCreds':
      return undoRotation(mount, createdAt, request);
    default:
      throw new InternalError(`unknown rollback type "${kind}"`);
  }
}

/** The Go plugin gives up a day after the entry was written; then the objects are named in the log for a person. */
async function withExpiry(mount: AzureMount, data: JsonObject, work: () => Promise<void>): Promise<void> {
  const { clock, logger } = mount.dependencies;
  try {
    await work();
  } catch (error) {
    const expiresAt = parseTime(readString(data, 'Expiration'));
    if (expiresAt === undefined || clock.now().getTime() < expiresAt.getTime()) throw error;
    logger.warn('an unfinished operation of another plugin version could not be undone in a day; objects may remain', {
      application_object_id: readString(data, 'AppObjID'),
      service_principal_id: readString(data, 'SpID'),
      error: errorMessage(error),
    });
  }
}

async function removeApplication(mount: AzureMount, data: JsonObject, request: Request): Promise<void> {
  const applicationObjectId = readString(data, 'AppObjID');
  if (applicationObjectId === '') return;
  await withContext(mount, request, (context) =>
    revokeApplication(context, {
      roleName: '',
      applicationObjectId,
      servicePrincipalId: '',
      roleAssignmentIds: [],
      groupIds: [],
      permanentlyDelete: true,
      createdAt: undefined,
    }),
  );
}

async function removeAssignments(mount: AzureMount, data: JsonObject, request: Request): Promise<void> {
  const guids = readStrings(data, 'AssignmentIDs');
  const azureRoles = isJsonArray(data['AzureRoles']) ? data['AzureRoles'] : [];
  const ids = guids.flatMap((guid, index) => {
    const azureRole = azureRoles[index];
    const scope = isJsonObject(azureRole) ? readString(azureRole, 'scope') || readString(azureRole, 'Scope') : '';
    return scope === '' ? [] : [roleAssignmentId(scope, guid)];
  });
  await withContext(mount, request, async (context) => {
    const settled = await settleAll(ids, PARALLEL_CALLS, (id) =>
      removePart(stepContext(context), context.session, { type: 'role_assignment', roleAssignmentId: id }),
    );
    const [failure] = rejections(settled);
    if (failure !== undefined) throw toError(failure);
  });
}

/**
 * The rotation that wrote the entry did not finish: its password goes, then what it staged. In this order, since the
 * staged record alone knows the password.
 */
async function undoRotation(mount: AzureMount, createdAt: Date, request: Request): Promise<void> {
  // Nobody may be proving the staged secret meanwhile, nor put it into force.
  await mount.locks.run(ROTATION_LOCK, () => undoRotationAlone(mount, createdAt, request), request.signal);
}

async function undoRotationAlone(mount: AzureMount, createdAt: Date, request: Request): Promise<void> {
  const config = await mount.stores.configs.get(request.storage, '');
  const { staged } = config ?? {};
  if (config === undefined || staged?.createdAt === undefined) return;
  if (Math.abs(staged.createdAt.getTime() - createdAt.getTime()) > SAME_ROTATION_MS) return;
  const isInUse = staged.keyId === config.clientSecretKeyId || staged.clientSecret === config.clientSecret;
  if (staged.keyId !== '' && !isInUse) await removeStagedPassword(mount, { config, staged, createdAt }, request);
  await mount.locks.run(CONFIG_LOCK, async () => {
    const current = await mount.stores.configs.get(request.storage, '');
    if (current === undefined || current.staged?.keyId !== staged.keyId) return;
    await mount.stores.configs.put(request.storage, '', { ...current, staged: undefined });
  });
}

interface UnfinishedRotation {
  readonly config: ConfigRecord;
  readonly staged: StagedRootSecret;
  readonly createdAt: Date;
}

/** @throws when it cannot be removed, for a day; then it is named in the log for a person. */
async function removeStagedPassword(
  mount: AzureMount,
  { config, staged, createdAt }: UnfinishedRotation,
  request: Request,
): Promise<void> {
  const { clock, logger } = mount.dependencies;
  const { keyId } = staged;
  try {
    await withContext(mount, request, async (context) => {
      // The Go plugin adds it to the application of the stored client id, whatever the environment says.
      const applications = await retryStep(stepContext(context), 'find the application of client_id', (call) =>
        context.session.provider.directory.findApplicationsByAppId(config.clientId, call),
      );
      for (const { id, passwordCredentials } of applications) {
        if (!passwordCredentials.some((password) => password.keyId === keyId)) continue;
        await revokePassword(context, { applicationObjectId: id, keyId, createdAt: staged.createdAt });
      }
    });
  } catch (error) {
    if (clock.now() < addMs(createdAt, GIVES_UP_AFTER_MS)) throw error;
    logger.warn('the password of an unfinished rotation of another plugin version could not be removed in a day', {
      key_id: keyId,
      client_id: config.clientId,
      error: errorMessage(error),
    });
  }
}

async function withContext(
  mount: AzureMount,
  request: Request,
  work: (context: ProcedureContext) => Promise<void>,
): Promise<void> {
  const session = await mount.session(request.storage);
  using budget = mount.startRequestBudget(request, {
    ...session.config,
    requestTimeoutSeconds: ROLLBACK_TIMEOUT_SECONDS,
  });
  await work({ mount, session, budget });
}
