/** The host's view of itself and of the mount, over the brokered connection. */
import { InternalError, NotSupportedByHostError } from '../errors.ts';
import type { Alias, Entity, Group, SystemView } from '../logical/index.ts';
import type { PartialMessage } from '../wire/codec.ts';
import type * as logical from '../wire/generated/logical.ts';
import { systemViewService } from '../wire/generated/pb.ts';
import type { UnaryMethodData } from '../wire/service.ts';
import { timestampToDate } from '../wire/timestamp.ts';
import { nanosecondsToSeconds, secondsToNanoseconds } from './duration.ts';
import { callHost, isNotSupportedText, type CallScope } from './host-call.ts';
import type { HostConnection } from './unary-caller.ts';

/**
 * A system view whose calls live and die with `scope`. Makes no call by itself.
 * Sub-messages of requests are always set: some hosts crash on an unset one.
 */
export function bindSystemView(connection: HostConnection, scope: CallScope): SystemView {
  const withoutMetadata: CallScope = { signal: scope.signal, deadline: scope.deadline, metadata: new Map() };

  const call = <Req, Res>(
    method: UnaryMethodData<Req, Res>,
    request: PartialMessage<Req>,
    step: string,
  ): Promise<Res> => callHost(connection, withoutMetadata, method, request, step, toInternalError);

  /** For replies that may hold the host's error text. */
  const callChecked = async <Req, Res extends { readonly err: string }>(
    method: UnaryMethodData<Req, Res>,
    request: PartialMessage<Req>,
    step: string,
  ): Promise<Res> => {
    const reply = await call(method, request, step);
    if (reply.err === '') return reply;
    if (isNotSupportedText(reply.err)) {
      throw new NotSupportedByHostError(`${step} is not supported by this host: ${reply.err}`);
    }
    throw toInternalError(reply.err);
  };

  return {
    defaultLeaseTtlSeconds: async () =>
      nanosecondsToSeconds((await call(systemViewService.defaultLeaseTtl, {}, 'reading the default lease TTL')).ttl),
    maxLeaseTtlSeconds: async () =>
      nanosecondsToSeconds((await call(systemViewService.maxLeaseTtl, {}, 'reading the maximum lease TTL')).ttl),
    isTainted: async () => (await call(systemViewService.tainted, {}, 'reading the tainted flag')).tainted,
    isCachingDisabled: async () =>
      (await call(systemViewService.cachingDisabled, {}, 'reading the caching flag')).disabled,
    replicationState: async () =>
      (await call(systemViewService.replicationState, {}, 'reading the replication state')).state,
    isMlockEnabled: async () => (await call(systemViewService.mlockEnabled, {}, 'reading the mlock flag')).enabled,
    isLocalMount: async () => (await call(systemViewService.localMount, {}, 'reading the local mount flag')).local,
    wrapResponseData: async (data, ttlSeconds) => {
      const request = { data: JSON.stringify(data), ttl: secondsToNanoseconds(ttlSeconds) };
      const { wrapInfo } = await callChecked(systemViewService.responseWrapData, request, 'wrapping a response');
      const createdAt = wrapInfo?.creationTime === undefined ? undefined : timestampToDate(wrapInfo.creationTime);
      if (wrapInfo === undefined || createdAt === undefined) {
        throw new InternalError('wrapping a response: the host returned no wrap info');
      }
      return {
        ttlSeconds: nanosecondsToSeconds(wrapInfo.ttl),
        hostToken: wrapInfo.token,
        accessor: wrapInfo.accessor,
        createdAt,
        creationPath: wrapInfo.creationPath,
      };
    },
    entityInfo: async (entityId) => {
      const { entity } = await callChecked(systemViewService.entityInfo, { entityId }, 'reading an entity');
      return entity === undefined ? undefined : toEntity(entity);
    },
    groupsForEntity: async (entityId) => {
      const { groups } = await callChecked(systemViewService.groupsForEntity, { entityId }, 'reading groups');
      return groups.map(toGroup);
    },
    pluginEnvironment: async () => {
      const reply = await callChecked(systemViewService.pluginEnv, {}, "reading the host's version");
      const environment = reply.pluginEnvironment;
      return {
        hostVersion: environment?.hostVersion ?? '',
        hostVersionPrerelease: environment?.hostVersionPrerelease ?? '',
        hostVersionMetadata: environment?.hostVersionMetadata ?? '',
      };
    },
    generatePasswordFromPolicy: async (policyName) =>
      (await call(systemViewService.generatePasswordFromPolicy, { policyName }, 'generating a password')).password,
    clusterId: async () => (await callChecked(systemViewService.clusterInfo, {}, 'reading the cluster id')).clusterId,
    generateIdentityToken: async (audience, ttlSeconds) => {
      const request = { audience, ttl: BigInt(Math.trunc(ttlSeconds)) };
      const reply = await call(systemViewService.generateIdentityToken, request, 'generating an identity token');
      return { identityToken: reply.token, ttlSeconds: Number(reply.ttl) };
    },
    registerRotationJob: async (job) => {
      const request = {
        job: {
          name: job.name,
          mountPoint: job.mountPoint,
          path: job.path,
          rotationSchedule: job.rotationSchedule,
          rotationWindow: BigInt(Math.trunc(job.rotationWindowSeconds)),
          rotationPeriod: BigInt(Math.trunc(job.rotationPeriodSeconds)),
        },
      };
      const reply = await callChecked(systemViewService.registerRotationJob, request, 'registering a rotation job');
      return reply.rotationId;
    },
    deregisterRotationJob: async (mountPoint, path) => {
      const request = { req: { mountPoint, reqPath: path } };
      await call(systemViewService.deregisterRotationJob, request, 'deregistering a rotation job');
    },
  };
}

function toInternalError(text: string, cause?: unknown): InternalError {
  return new InternalError(text, { cause });
}

function toEntity(entity: logical.Entity): Entity {
  return {
    id: entity.id,
    name: entity.name,
    aliases: entity.aliases.map(toAlias),
    metadata: entity.metadata,
    isDisabled: entity.disabled,
    namespaceId: entity.namespaceId,
  };
}

function toAlias(alias: logical.Alias): Alias {
  return {
    id: alias.id,
    name: alias.name,
    mountType: alias.mountType,
    mountAccessor: alias.mountAccessor,
    metadata: alias.metadata,
    customMetadata: alias.customMetadata,
    namespaceId: alias.namespaceId,
    isLocal: alias.local,
  };
}

function toGroup(group: logical.Group): Group {
  return { id: group.id, name: group.name, metadata: group.metadata, namespaceId: group.namespaceId };
}
