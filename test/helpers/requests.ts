/** Requests as a host sends them, for tests that call a backend directly. */
import type { Request } from '../../src/logical/index.ts';
import { FakeSystemView } from './fake-system-view.ts';
import { MemoryStorage } from './memory-storage.ts';

/** A read of `` with nothing in it, on an empty storage; `overrides` say what the test is about. */
export function makeRequest(overrides: Partial<Request> = {}): Request {
  return {
    id: '7b1a3f1e-0000-4000-8000-000000000001',
    operation: 'read',
    path: '',
    data: {},
    secret: undefined,
    storage: new MemoryStorage(),
    systemView: new FakeSystemView(),
    headers: new Map(),
    hostTokenHash: '',
    hostTokenAccessor: '',
    displayName: 'token',
    entityId: '',
    mountPoint: 'azure/',
    mountType: 'azure',
    mountAccessor: '',
    remoteAddress: '127.0.0.1',
    signal: new AbortController().signal,
    deadline: undefined,
    ...overrides,
  };
}
