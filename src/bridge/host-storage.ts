/** The mount's storage over the brokered connection. */
import { StorageError } from '../errors.ts';
import type { Storage } from '../logical/index.ts';
import type { PartialMessage } from '../wire/codec.ts';
import { storageService } from '../wire/generated/pb.ts';
import type { UnaryMethodData } from '../wire/service.ts';
import { callHost, type CallScope } from './host-call.ts';
import type { HostConnection } from './unary-caller.ts';

/** Storage whose calls live and die with `scope`. Makes no call by itself. */
export function bindStorage(connection: HostConnection, scope: CallScope): Storage {
  /** The host reports failures inside the reply or as a status; both keep its own text. */
  const call = async <Req, Res extends { readonly err: string }>(
    method: UnaryMethodData<Req, Res>,
    request: PartialMessage<Req>,
    step: string,
  ): Promise<Res> => {
    const reply = await callHost(connection, scope, method, request, step, toStorageError);
    if (reply.err !== '') throw toStorageError(reply.err);
    return reply;
  };
  return {
    get: async (storageKey) => {
      const { entry } = await call(storageService.get, { key: storageKey }, 'storage get');
      return entry === undefined ? undefined : { storageKey: entry.key, value: entry.value };
    },
    put: async ({ storageKey, value }) => {
      await call(storageService.put, { entry: { key: storageKey, value } }, 'storage put');
    },
    delete: async (storageKey) => {
      await call(storageService.delete, { key: storageKey }, 'storage delete');
    },
    list: async (prefix) => {
      const { keys } = await call(storageService.list, { prefix }, 'storage list');
      // Sorted by most hosts, promised by none.
      return keys.toSorted();
    },
  };
}

function toStorageError(text: string, cause?: unknown): StorageError {
  return new StorageError(text, { cause });
}
