/** Management locks: what makes deletions at a scope fail. */
import { isJsonObject } from '../json.ts';
import type { EmulatorReply } from '../server/exchange.ts';
import type { ScopeLock } from '../state/subscriptions.ts';
import { invalidContent, parseBody, readText, requireScope, type ArmCall } from './call.ts';

const TYPE = 'Microsoft.Authorization/locks';

export function putLock(call: ArmCall, path: string, name: string): EmulatorReply {
  const scope = requireScope(call, path, `${TYPE}/write`);
  const { properties } = parseBody(call.request);
  const level = isJsonObject(properties) ? readText(properties, 'level') : null;
  if (level !== 'CanNotDelete' && level !== 'ReadOnly') {
    throw invalidContent("The lock level must be 'CanNotDelete' or 'ReadOnly'.");
  }
  const lock: ScopeLock = { name, scope: scope.path, level };
  call.emulation.tenant.subscriptions.putLock(lock);
  return { status: 201, body: encode(lock) };
}

export function deleteLock(call: ArmCall, path: string, name: string): EmulatorReply {
  const scope = requireScope(call, path, `${TYPE}/delete`);
  const wasThere = call.emulation.tenant.subscriptions.removeLock(scope.path, name);
  return { status: wasThere ? 200 : 204 };
}

export function listLocks(call: ArmCall, path: string): EmulatorReply {
  const scope = requireScope(call, path, `${TYPE}/read`);
  const locks = call.emulation.tenant.subscriptions.listLocks().filter((lock) => lock.scope === scope.path);
  return { status: 200, body: { value: locks.map(encode) } };
}

function encode(lock: ScopeLock): object {
  const prefix = lock.scope === '/' ? '' : lock.scope;
  return {
    properties: { level: lock.level },
    id: `${prefix}/providers/${TYPE}/${lock.name}`,
    type: TYPE,
    name: lock.name,
  };
}
