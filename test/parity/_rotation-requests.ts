/** Requests to `rotate-root`, and what `config` says afterwards. */
import type { ExecutionContext } from 'ava';
import type { Pair } from './_pair.ts';
import { configureApart } from './_setup.ts';

export async function requestRotations(t: ExecutionContext, pair: Pair): Promise<void> {
  const { emulator } = pair.parity;
  const logins = await configureApart(t, pair);
  const readPasswords = (clientId: string): number =>
    emulator.tenant().applications.find(({ appId }) => appId === clientId)!.passwords.length;
  await pair.request('rotate', 'POST', 'rotate-root');
  await pair.request('config after it', 'GET', 'config');
  pair.compare('passwords after it', (side) => readPasswords(logins[side].clientId));
  await pair.request('rotate again, with PUT', 'PUT', 'rotate-root');
  await pair.request('rotate with unknown fields', 'POST', 'rotate-root', { foo: 1 });
  pair.compare('passwords in the end', (side) => readPasswords(logins[side].clientId));
  await pair.request('config in the end', 'GET', 'config');
  await pair.request('write client_id', 'POST', 'config', {
    client_id: emulator.clientId,
    client_secret: emulator.clientSecret,
  });
  await pair.request('config after a new secret', 'GET', 'config');
}
