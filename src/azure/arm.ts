/** Azure Resource Manager's role definitions and assignments as a `RoleProvider`, through @azure/arm-authorization. */
import type { AuthorizationManagementClient, RoleAssignment } from '@azure/arm-authorization';
import { AzureError, InvalidRequestError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import type { AccessTokens } from './access-tokens.ts';
import { createAuthorizedSend } from './authorized-send.ts';
import { unreadableAnswer } from './errors.ts';
import { armPath, pathSegment, plainFilterEquals } from './odata.ts';
import { createPipelineHttpClient } from './pipeline-http-client.ts';
import type { AzureCall, AzureCloud, RoleAssignmentSpec, RoleDefinition, RoleProvider } from './provider.ts';
import { isGone } from './retry-policy.ts';
import { runSdkCall, type Send } from './sdk-call.ts';
import { silenceSdkLog } from './sdk-log.ts';
import type { Transport } from './transport.ts';

export interface ArmDependencies {
  readonly transport: Transport;
  readonly accessTokens: AccessTokens;
  readonly cloud: AzureCloud;
  readonly clock: Clock;
}

const DEFINITIONS = '/{scope}/roleDefinitions';
const ASSIGNMENTS = '/{scope}/roleAssignments';

export function createRoleProvider(arm: ArmDependencies): RoleProvider {
  return {
    findRoleDefinitionsByName: (scope, roleName, call) =>
      callArm(arm, `${DEFINITIONS}?$filter=roleName`, call, async (armClient) => {
        const filter = plainFilterEquals('roleName', roleName);
        const found: RoleDefinition[] = [];
        for await (const definition of armClient.roleDefinitions.list(armPath(scope), { filter })) {
          const { id, roleName: foundName = '' } = definition;
          if (isSame(foundName, roleName)) found.push({ id: requiredId(id, call), roleName: foundName });
        }
        return found;
      }),

    getRoleDefinition: (roleDefinitionId, call) =>
      callArm(arm, `${DEFINITIONS}/{guid}`, call, async (armClient) => {
        const { id, roleName = '' } = await armClient.roleDefinitions.getById(idPath(roleDefinitionId));
        return { id: requiredId(id, call), roleName };
      }),

    createRoleAssignment: async (spec, call) => {
      try {
        return await callArm(arm, `${ASSIGNMENTS}/{guid}`, call, async (armClient) => {
          const { scope, assignmentGuid, roleDefinitionId, principalId } = spec;
          const { id } = await armClient.roleAssignments.create(armPath(scope), pathSegment(assignmentGuid), {
            roleDefinitionId,
            principalId,
            // ARM then does not look the principal up, which fails for young ones.
            principalType: 'ServicePrincipal',
          });
          return requiredId(id, call);
        });
      } catch (thrown) {
        if (!(thrown instanceof AzureError) || thrown.status !== 409) throw thrown;
        return readOwnAssignment(arm, spec, call, thrown);
      }
    },

    findRoleAssignment: ({ scope, principalId, roleDefinitionId }, call) =>
      callArm(arm, `${ASSIGNMENTS}?$filter=principalId`, call, async (armClient) => {
        const filter = plainFilterEquals('principalId', principalId);
        for await (const assignment of armClient.roleAssignments.listForScope(armPath(scope), { filter })) {
          const isWanted =
            isSame(armPath(assignment.scope ?? ''), armPath(scope)) &&
            isSame(assignment.principalId, principalId) &&
            isSame(lastSegment(assignment.roleDefinitionId), lastSegment(roleDefinitionId));
          if (isWanted) return requiredId(assignment.id, call);
        }
        return undefined;
      }),

    deleteRoleAssignment: async (roleAssignmentId, call) => {
      try {
        await callArm(arm, `${ASSIGNMENTS}/{guid}`, call, (armClient) =>
          armClient.roleAssignments.deleteById(idPath(roleAssignmentId)),
        );
      } catch (thrown) {
        // 204 when the assignment is gone; 404 when its scope is, and with it the assignment.
        if (!(thrown instanceof AzureError && isGone(thrown))) throw thrown;
      }
    },

    listRoleAssignments: (scope, principalId, call) =>
      callArm(arm, `${ASSIGNMENTS}?$filter=principalId`, call, async (armClient) => {
        const filter = plainFilterEquals('principalId', principalId);
        const found: string[] = [];
        for await (const assignment of armClient.roleAssignments.listForScope(armPath(scope), { filter })) {
          // ARM adds those that reach down from above. The principal once more: what is found may get deleted.
          const isWanted = isAtOrBelow(assignment, scope) && isSame(assignment.principalId, principalId);
          if (isWanted) found.push(requiredId(assignment.id, call));
        }
        return found;
      }),
  };
}

/** The assignment with our GUID after a conflict: the same one from before is success, anything else the conflict. */
async function readOwnAssignment(
  arm: ArmDependencies,
  spec: RoleAssignmentSpec,
  call: AzureCall,
  conflict: AzureError,
): Promise<string> {
  const existing = await callArm(arm, `${ASSIGNMENTS}/{guid}`, call, (armClient) =>
    armClient.roleAssignments.get(armPath(spec.scope), pathSegment(spec.assignmentGuid)),
  ).catch(() => undefined);
  const isOurs =
    existing !== undefined &&
    isSame(existing.principalId, spec.principalId) &&
    isSame(lastSegment(existing.roleDefinitionId), lastSegment(spec.roleDefinitionId));
  if (!isOurs) throw conflict;
  return requiredId(existing.id, call);
}

async function callArm<T>(
  { transport, accessTokens, cloud, clock }: ArmDependencies,
  route: string,
  call: AzureCall,
  work: (armClient: AuthorizationManagementClient) => Promise<T>,
): Promise<T> {
  const context = { service: 'arm', step: call.step } as const;
  const send = createAuthorizedSend(
    { transport, accessTokens, scope: cloud.armScope, endpoint: cloud.armEndpoint, route: `arm ${route}` },
    call,
  );
  return runSdkCall(context, clock, send, async (watchedSend) => work(await createArmClient(cloud, watchedSend)));
}

async function createArmClient(cloud: AzureCloud, send: Send): Promise<AuthorizationManagementClient> {
  const { AuthorizationManagementClient } = await import('@azure/arm-authorization');
  const { bearerTokenAuthenticationPolicyName, createEmptyPipeline } = await import('@azure/core-rest-pipeline');
  const { deserializationPolicy, serializationPolicy } = await import('@azure/core-client');
  await silenceSdkLog();
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(serializationPolicy(), { phase: 'Serialize' });
  pipeline.addPolicy(deserializationPolicy(), { phase: 'Deserialize' });
  // Takes the place of the SDK's own, which would keep tokens; ours are added below it.
  pipeline.addPolicy({ name: bearerTokenAuthenticationPolicyName, sendRequest: (request, next) => next(request) });
  const withoutDoubleSlashes: Send = (request) => send({ ...request, url: collapseSlashes(request.url) });
  return new AuthorizationManagementClient({ getToken: () => Promise.resolve(null) }, '', {
    endpoint: cloud.armEndpoint,
    credentialScopes: cloud.armScope,
    pipeline,
    httpClient: await createPipelineHttpClient(withoutDoubleSlashes),
  });
}

/** The SDK's templates begin `/{scope}/`, which doubles for the root scope. */
function collapseSlashes(address: string): string {
  const url = new URL(address);
  url.pathname = url.pathname.replace(/\/{2,}/g, '/');
  return url.href;
}

function idPath(id: string): string {
  const path = armPath(id);
  if (path === '') throw new InvalidRequestError('an Azure resource id is missing');
  return path;
}

function requiredId(id: string | undefined, call: AzureCall): string {
  if (id === undefined || id === '') throw unreadableAnswer({ service: 'arm', step: call.step }, 'id is missing');
  return id;
}

function lastSegment(id: string | undefined): string {
  return id?.split('/').at(-1) ?? '';
}

/** ARM compares names and ids without regard to case. */
function isSame(left: string | undefined, right: string): boolean {
  return left?.toLowerCase() === right.toLowerCase();
}

function isAtOrBelow(assignment: RoleAssignment, scope: string): boolean {
  const at = `/${armPath(assignment.scope ?? '')}/`.toLowerCase();
  const wanted = `/${armPath(scope)}/`.toLowerCase();
  return wanted === '//' || at.startsWith(wanted);
}
