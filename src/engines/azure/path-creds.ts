/** `creds/:role` and the two kinds of leases that it hands out. */
import { InternalError, InvalidRequestError } from '../../errors.ts';
import {
  definePath,
  defineSecretType,
  field,
  genericNameRegex,
  type Path,
  type PathRequest,
  type SecretRequest,
  type SecretType,
} from '../../framework/index.ts';
import type { Request, Response } from '../../logical/index.ts';
import type { JsonValue } from '../../util/json.ts';
import { formatTime } from '../../util/rfc3339.ts';
import { CREDENTIAL_ANSWER } from './answer-fields.ts';
import { type LeaseData, readLease } from './lease-data.ts';
import { mergeMetadata, metadataQuery, shownMetadata } from './metadata.ts';
import { leaseMaxTtlSeconds, type RoleRecord } from './model-role.ts';
import type { AzureMount } from './mount.ts';
import type { Credential } from './operation.ts';
import { renewLease } from './renew.ts';
import { refuseSelfTarget } from './self-target.ts';
import { issueApplication } from './steps-issue-application.ts';
import { issuePassword } from './steps-issue-password.ts';
import { revokeApplication, revokePassword } from './steps-revoke.ts';
import { requireTenant } from './tenant.ts';

/** The lease kinds. Their names are stored with every lease and never change. */
export interface AzureSecretTypes {
  readonly servicePrincipal: SecretType;
  readonly staticServicePrincipal: SecretType;
}

export function createSecretTypes(mount: AzureMount): AzureSecretTypes {
  return {
    servicePrincipal: defineSecretType({
      type: 'service_principal',
      renew: (request) => renewLease(mount, request),
      revoke: (request) => revokeDynamic(mount, request),
    }),
    staticServicePrincipal: defineSecretType({
      type: 'static_service_principal',
      renew: (request) => renewLease(mount, request),
      revoke: (request) => revokeStatic(mount, request),
    }),
  };
}

const fields = {
  role: field.lowerCaseString({ description: 'Name of the role.', example: 'my-role' }),
  metadata: metadataQuery(),
};

export function credsPath(mount: AzureMount, secretTypes: AzureSecretTypes): Path {
  return definePath({
    pattern: `creds/${genericNameRegex('role')}`,
    fields,
    synopsis: 'Request a credential of a role.',
    description:
      'Makes a service principal, or a password of the role’s existing application, and leases it. The end of the lease removes it from Azure.',
    displayAttributes: {
      operationPrefix: 'azure',
      operationVerb: 'request',
      operationSuffix: 'service-principal-credentials',
    },
    operations: {
      read: {
        handler: (request) => issueCredential(mount, secretTypes, request),
        summary: 'Request a credential of a role.',
        forwardPerformanceStandby: true,
        forwardPerformanceSecondary: true,
        responses: [
          {
            status: 200,
            description: 'The credential.',
            fields: CREDENTIAL_ANSWER,
            example: { client_id: '408bf248-dd4e-4be5-919a-7f6207a307ab', client_secret: '9Pf…' },
          },
        ],
      },
    },
  });
}

/** Source: vault-plugin-secrets-azure v0.23.0, path_service_principal.go (pathSPRead). */
async function issueCredential(
  mount: AzureMount,
  secretTypes: AzureSecretTypes,
  request: PathRequest<typeof fields>,
): Promise<Response> {
  const { role: roleName, metadata: askedMetadata } = request.fields;
  const session = await mount.session(request.storage);
  const role = await mount.stores.roles.get(request.storage, roleName);
  if (role === undefined) throw new InvalidRequestError(`role '${roleName}' does not exist`);
  const isExisting = role.applicationObjectId !== '';
  if (isExisting) refuseSelfTarget(role.applicationId, session.settings);

  using budget = mount.startIssueBudget(request, session.config);
  const hostMaxTtlSeconds =
    leaseMaxTtlSeconds(role) === 0 ? request.systemView.maxLeaseTtlSeconds() : Promise.resolve(0);
  hostMaxTtlSeconds.catch(() => undefined); // awaited late; until then not "unhandled"
  const issue = isExisting ? issuePassword : issueApplication;
  const credential = await issue({ mount, session, budget, roleName, role, hostMaxTtlSeconds });
  const secretType = isExisting ? secretTypes.staticServicePrincipal : secretTypes.servicePrincipal;
  return secretType.response({
    data: {
      client_id: credential.clientId,
      client_secret: credential.clientSecret,
      ...shownMetadata(mergeMetadata(askedMetadata, role.metadata)),
    },
    internalData: leaseJson(credential, role, roleName),
    ttlSeconds: role.ttlSeconds,
    maxTtlSeconds: leaseMaxTtlSeconds(role),
  });
}

/** Keys and types as the Go plugin writes them, so that it can take the lease over; `operation_id` and `tenant_id` are ours. */
function leaseJson({ issued, operationId }: Credential, role: RoleRecord, roleName: string): Record<string, JsonValue> {
  const shared = {
    app_object_id: issued.applicationObjectId,
    role: roleName,
    key_end_date: formatTime(issued.keyExpiresAt),
    operation_id: operationId,
    tenant_id: issued.tenantId,
  };
  if (issued.kind === 'password') return { ...shared, key_id: issued.keyId };
  return {
    ...shared,
    sp_object_id: issued.servicePrincipalId,
    role_assignment_ids: [...issued.roleAssignmentIds],
    group_membership_ids: [...issued.groupIds],
    permanently_delete: role.permanentlyDelete,
  };
}

/** Answers with nothing but success, or fails so that the host repeats it. */
async function revokeDynamic(mount: AzureMount, request: SecretRequest): Promise<undefined> {
  const lease = readLease(request.secret);
  const session = await sessionForRevoke(mount, request);
  using budget = mount.startRequestBudget(request, session.config);
  await requireTenant({ mount, session, budget }, lease.tenantId);
  await revokeApplication(
    { mount, session, budget },
    {
      roleName: lease.roleName,
      applicationObjectId: lease.applicationObjectId,
      servicePrincipalId: lease.servicePrincipalId,
      roleAssignmentIds: lease.roleAssignmentIds,
      groupIds: lease.groupIds,
      permanentlyDelete: lease.permanentlyDelete,
      createdAt: request.secret.issuedAt,
    },
  );
  await dropIssued(mount, lease);
}

async function revokeStatic(mount: AzureMount, request: SecretRequest): Promise<undefined> {
  const lease = readLease(request.secret);
  if (lease.keyId === '') throw new InternalError("internal data 'key_id' not found");
  const session = await sessionForRevoke(mount, request);
  using budget = mount.startRequestBudget(request, session.config);
  await requireTenant({ mount, session, budget }, lease.tenantId);
  await revokePassword(
    { mount, session, budget },
    { applicationObjectId: lease.applicationObjectId, keyId: lease.keyId, createdAt: request.secret.issuedAt },
  );
  await dropIssued(mount, lease);
}

async function sessionForRevoke(mount: AzureMount, request: Request): ReturnType<AzureMount['session']> {
  try {
    return await mount.session(request.storage);
  } catch (error) {
    if (!(error instanceof InternalError)) throw error;
    throw new InternalError(`error during revoke: ${error.message}`, { cause: error });
  }
}

async function dropIssued(mount: AzureMount, lease: LeaseData): Promise<void> {
  if (lease.operationId === '' || lease.roleName === '') return;
  await mount.stores.issued.delete(mount.dependencies.storage, `${lease.roleName}/${lease.operationId}`);
}
