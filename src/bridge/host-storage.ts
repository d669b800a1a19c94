/** The mount's storage over the brokered connection. */
import { StorageError } from '../errors.ts';
import type { Storage, StorageEntry } from '../logical/index.ts';
import type { PartialMessage } from '../wire/codec.ts';
import { storageService } from '../wire/generated/pb.ts';
import type { UnaryMethodData } from '../wire/service.ts';
import { callHost, type CallScope } from './host-call.ts';
import type { HostConnection } from './unary-caller.ts';

/** Storage whose calls live and die with `scope`. Makes no call by itself. */
export function bindStorage(connection: HostConnection, scope: CallScope): Storage {
  return new HostStorage(connection, scope);
}

/** A class, since one is made for each call and most calls use little of it. */
class HostStorage implements Storage {
  readonly #connection: HostConnection;
  readonly #scope: CallScope;

  constructor(connection: HostConnection, scope: CallScope) {
    this.#connection = connection;
    this.#scope = scope;
  }

  async get(storageKey: string): Promise<StorageEntry | undefined> {
    const { entry } = await this.#call(storageService.get, { key: storageKey }, 'storage get');
    return entry === undefined ? undefined : { storageKey: entry.key, value: entry.value };
  }

  async put({ storageKey, value }: StorageEntry): Promise<void> {
    await this.#call(storageService.put, { entry: { key: storageKey, value } }, 'storage put');
  }

  async delete(storageKey: string): Promise<void> {
    await this.#call(storageService.delete, { key: storageKey }, 'storage delete');
  }

  async list(prefix: string): Promise<string[]> {
    const { keys } = await this.#call(storageService.list, { prefix }, 'storage list');
    // Sorted by most hosts, promised by none.
    return keys.toSorted();
  }

  /** The host reports failures inside the reply or as a status; both keep its own text. */
  async #call<Req, Res extends { readonly err: string }>(
    method: UnaryMethodData<Req, Res>,
    request: PartialMessage<Req>,
    step: string,
  ): Promise<Res> {
    const reply = await callHost(this.#connection, this.#scope, method, request, step, toStorageError);
    if (reply.err !== '') throw toStorageError(reply.err);
    return reply;
  }
}

function toStorageError(text: string, cause?: unknown): StorageError {
  return new StorageError(text, { cause });
}
