/** Methods that a path has not, paths that there are none, help, and what a token with few rights gets. */
import type { ExecutionContext } from 'ava';
import type { Untyped } from '../host/host-api.ts';
import { SIDES } from './_pair.ts';
import type { Pair, Side } from './_pair.ts';
import { configFields, dynamicRole } from './_setup.ts';

const METHODS = ['GET', 'HEAD', 'LIST', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Without `rotate-root` by POST and PUT: a rotation is a group of its own. */
const PATHS = [
  '',
  'config',
  'config/',
  'config/x',
  'roles',
  'roles/',
  'roles/r',
  'roles/r/',
  'roles/r/x',
  'creds',
  'creds/',
  'creds/none',
  'creds/none/x',
  'rotate-root',
  'rotate-root/',
  'unknown',
  'static-roles/x',
  'static-creds/x',
  'rotate-role/x',
  'token/x',
];

export async function requestOperations(_t: ExecutionContext, pair: Pair): Promise<void> {
  for (const path of PATHS) {
    for (const method of METHODS) {
      if (path === 'rotate-root' && ['POST', 'PUT'].includes(method)) continue;
      await pair.prepare('POST', 'config', configFields(pair.parity.emulator));
      await pair.prepare('POST', 'roles/r', dynamicRole(pair.parity.emulator));
      const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
      await pair.request(`${method} ${path}`, method, path, hasBody ? {} : undefined);
    }
  }
  await pair.request('POST creds/r', 'POST', 'creds/r', {});
}

const CAPABILITIES = ['create', 'read', 'update', 'patch', 'delete', 'list', 'sudo'];

/** Which of create and update a write is decides the plugin, by its existence check; the policy goes by that. */
export async function requestWithPolicies(_t: ExecutionContext, pair: Pair): Promise<void> {
  const { emulator, host } = pair.parity;
  const role = dynamicRole(emulator);
  for (const capability of CAPABILITIES) {
    const rules = SIDES.map((side) => `path "${pair.mountPath(side)}/*" { capabilities = ["${capability}"] }`);
    const policy = rules.join('\n');
    await host.api('PUT', `sys/policies/acl/parity-${capability}`, { policy });
    const { auth } = await host.api('POST', 'auth/token/create', {
      policies: [`parity-${capability}`],
      no_default_policy: true,
    });
    const options = { token: String(auth.client_token) };
    const send = (title: string, method: string, subPath: string, body?: unknown) =>
      pair.call(`${capability}: ${title}`, (side) => ({
        method,
        path: `${pair.mountPath(side)}/${subPath}`,
        body,
        options,
      }));
    for (const state of ['absent', 'present']) {
      if (state === 'present') {
        await pair.prepare('POST', 'config', configFields(emulator));
        await pair.prepare('POST', 'roles/kept', role);
      }
      await send(`write config, ${state}`, 'POST', 'config', { ...configFields(emulator) });
      await pair.prepare('POST', 'config', configFields(emulator));
      await send(`write role, ${state}`, 'POST', state === 'present' ? 'roles/kept' : 'roles/new', role);
      await send(`write role with an invalid name, ${state}`, 'POST', 'roles/a@b', role);
    }
    await send('patch role', 'PATCH', 'roles/kept', role);
    await send('read config', 'GET', 'config');
    await send('read role', 'GET', 'roles/kept');
    await send('list roles', 'LIST', 'roles');
    await send('delete role', 'DELETE', 'roles/kept');
    await send('credentials', 'GET', 'creds/none');
    await send('delete config', 'DELETE', 'config');
    await pair.prepare('DELETE', 'roles/new');
    await pair.prepare('DELETE', 'config');
  }
}

const HELP_PATHS = ['', 'config', 'roles', 'roles/', 'roles/x', 'creds/x', 'rotate-root', 'unknown', 'creds'];

/** Help has other words: what is compared is that there is some, and the description for machines. */
export async function requestHelp(_t: ExecutionContext, pair: Pair): Promise<void> {
  const { host } = pair.parity;
  for (const path of HELP_PATHS) {
    const read = async (side: Side): Promise<Untyped> => {
      const { status, body } = await host.request('GET', `${pair.mountPath(side)}/${path}?help=1`);
      return status === 200 ? { status, ...describeHelp(body) } : { status, body };
    };
    const answers = { theirs: await read('theirs'), ours: await read('ours') };
    pair.compare(`help of "${path}"`, (side) => answers[side]);
  }
}

function describeHelp(body: Untyped): Untyped {
  const { help, see_also: seeAlso, openapi } = body;
  return {
    help: describeText(help),
    see_also: Array.isArray(seeAlso) ? 'list' : seeAlso,
    openapi: { ...describeOpenApi(openapi), version: openapi.openapi },
  };
}

const describeText = (text: Untyped): string => (typeof text === 'string' && text.trim() !== '' ? 'a text' : `${text}`);

function describeOpenApi({ paths, components }: Untyped): Untyped {
  return {
    paths: mapMembers(paths, ({ description, ...path }: Untyped) => ({
      ...mapMembers(path, (operation) =>
        Array.isArray(operation) ? operation.map(withoutWords) : describeOperation(operation),
      ),
      ...(description !== undefined && { description: describeText(description) }),
    })),
    components: mapMembers(components?.schemas ?? {}, withoutWords),
  };
}

function describeOperation(operation: Untyped): Untyped {
  if (typeof operation !== 'object' || operation === null) return operation;
  return { ...withoutWords(operation), responses: Object.keys(operation.responses ?? {}) };
}

/** Members that are written for people and their forms. */
const WORDS = ['summary', 'description', 'example', 'default', 'x-vault-displayAttrs'];

/** Drops them at every depth. */
function withoutWords(value: Untyped): Untyped {
  if (Array.isArray(value)) return value.map(withoutWords);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !WORDS.includes(name))
      .map(([name, member]) => [name, withoutWords(member)]),
  );
}

const mapMembers = (value: Untyped, map: (member: Untyped) => Untyped): Record<string, Untyped> =>
  Object.fromEntries(Object.entries(value as object).map(([name, member]) => [name, map(member)]));
