/** A host in memory behind `UnaryCaller`: what each method answers is a function that a test may set. */
import type { HostConnection, UnaryCallOptions } from '../../src/bridge/unary-caller.ts';
import type { PartialMessage } from '../../src/wire/codec.ts';
import { storageService, systemViewService } from '../../src/wire/generated/pb.ts';
import { GrpcCode, GrpcStatusError, type UnaryMethodData } from '../../src/wire/service.ts';

export interface HostCall {
  /** For example `/pb.Storage/Get`. */
  readonly path: string;
  /** As the host decodes it. */
  readonly request: unknown;
  readonly options: UnaryCallOptions;
}

type Answer = (request: unknown, options: UnaryCallOptions) => Promise<object>;

export class FakeHost implements HostConnection {
  readonly calls: HostCall[] = [];
  readonly values = new Map<string, Uint8Array>();
  closeCount = 0;
  readonly #answers = new Map<string, Answer>();

  constructor() {
    this.answer(storageService.get, async ({ key }) => {
      const value = this.values.get(key);
      return value === undefined ? {} : { entry: { key, value } };
    });
    this.answer(storageService.put, async ({ entry }) => {
      if (entry === undefined) return { err: 'cannot write nil entry' };
      this.values.set(entry.key, entry.value);
      return {};
    });
    this.answer(storageService.delete, async ({ key }) => {
      this.values.delete(key);
      return {};
    });
    this.answer(storageService.list, async ({ prefix }) => ({
      keys: [...this.values.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)),
    }));
    this.answer(systemViewService.defaultLeaseTtl, async () => ({ ttl: 3_600_000_000_000n }));
  }

  /** Sets what a method answers; throw a `GrpcStatusError` for a status. Methods without one answer UNIMPLEMENTED. */
  answer<Req, Res>(
    method: UnaryMethodData<Req, Res>,
    answer: (request: Req, options: UnaryCallOptions) => Promise<PartialMessage<Res>>,
  ): void {
    this.#answers.set(method.path, answer as Answer);
  }

  readonly caller = {
    /** Messages take the way over their bytes, as on a real connection. */
    call: async <Req, Res>(
      method: UnaryMethodData<Req, Res>,
      request: PartialMessage<Req>,
      options: UnaryCallOptions,
    ): Promise<Res> => {
      const decoded = method.request.decode(method.request.encode(request));
      this.calls.push({ path: method.path, request: decoded, options });
      if (this.closeCount > 0) throw new GrpcStatusError(GrpcCode.unavailable, 'connection closed');
      const answer = this.#answers.get(method.path);
      if (answer === undefined) throw new GrpcStatusError(GrpcCode.unimplemented, `unknown method ${method.path}`);
      const response = (await answer(decoded, options)) as PartialMessage<Res>;
      return method.response.decode(method.response.encode(response));
    },
  };

  close(): void {
    this.closeCount += 1;
  }
}

/** Never settles by itself; rejects with the signal's reason when it aborts. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
