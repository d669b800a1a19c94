/**
 * Rolls back the write-ahead entries that a Go plugin left behind on this mount. We write none: the Go plugin would
 * fail on kinds that it does not know, every minute. Source: vault-plugin-secrets-azure v0.23.0, wal.go.
 */
import { errorMessage, InternalError, toError } from '../../errors.ts';
import type { Request } from '../../logical/index.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../util/json.ts';
import { rejections, settleAll } from '../../util/parallel.ts';
import { parseTime } from '../../util/rfc3339.ts';
import { roleAssignmentId } from './handles.ts';
import { removePart } from './leftovers.ts';
import { CONFIG_LOCK } from './lock-keys.ts';
import type { AzureMount } from './mount.ts';
import { PARALLEL_CALLS, type ProcedureContext, stepContext } from './procedure.ts';
import { readString, readStrings } from './record-codec.ts';
import { revokeApplication } from './steps-revoke.ts';

/** A staged root secret belongs to the entry when both were written within this time. */
const SAME_ROTATION_MS = 60_000;
const ROLLBACK_TIMEOUT_SECONDS = 60;

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
      return unstageRoot(mount, createdAt, request);
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

/** The rotation that wrote the entry did not finish: what it staged is not used. */
async function unstageRoot(mount: AzureMount, createdAt: Date, request: Request): Promise<void> {
  await mount.locks.run(CONFIG_LOCK, async () => {
    const config = await mount.stores.configs.get(request.storage, '');
    const stagedAt = config?.staged?.createdAt;
    if (config === undefined || stagedAt === undefined) return;
    if (Math.abs(stagedAt.getTime() - createdAt.getTime()) > SAME_ROTATION_MS) return;
    await mount.stores.configs.put(request.storage, '', { ...config, staged: undefined });
  });
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
