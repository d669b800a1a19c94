/** `addPassword` and `removePassword`, on applications and on service principals alike. */
import { isJsonObject } from '../json.ts';
import type { EmulatorReply } from '../server/exchange.ts';
import { includesPersonalAccounts } from '../state/applications.ts';
import { createPassword, encodePassword, type PasswordCredential } from '../state/passwords.ts';
import { requireApplication, requireApplicationForWrite } from './applications.ts';
import { readKey, readText, type GraphCall, type GraphRoute } from './call.ts';
import { checkPasswordCount, checkPasswordPolicy, passwordNotFound, readPasswordRequest } from './credential-rules.ts';
import { badRequest } from './errors.ts';
import { baseUrl } from './listing.ts';
import { APPLICATION_OWNED, APPLICATION_WRITE } from './rights.ts';
import { requireServicePrincipal, requireServicePrincipalForWrite } from './service-principals.ts';

/** The object whose list of passwords a call changes. */
interface Holder {
  /** At the primary. */
  readonly passwords: readonly PasswordCredential[];
  /** What the replica that answers shows. */
  readonly seen: readonly PasswordCredential[];
  readonly hasPersonalAccounts: boolean;
  replace(passwords: readonly PasswordCredential[]): void;
}

export const PASSWORD_ROUTES: readonly GraphRoute[] = (
  [
    ['/applications/{}', findApplicationHolder],
    ['/servicePrincipals/{}', findPrincipalHolder],
  ] as const
).flatMap(([path, findHolder]): readonly GraphRoute[] => [
  {
    method: 'POST',
    path: `${path}/addPassword`,
    rights: APPLICATION_WRITE,
    ownedRights: APPLICATION_OWNED,
    answer: (call) => add(call, findHolder(call)),
  },
  {
    method: 'POST',
    path: `${path}/removePassword`,
    rights: APPLICATION_WRITE,
    ownedRights: APPLICATION_OWNED,
    answer: (call) => remove(call, findHolder(call)),
  },
]);

function findApplicationHolder(call: GraphCall): Holder {
  const application = requireApplicationForWrite(call, readKey(call, 0));
  return {
    passwords: application.passwords,
    seen: requireApplication(call, readKey(call, 0)).passwords,
    hasPersonalAccounts: includesPersonalAccounts(application),
    replace: (passwords) => call.emulation.tenant.applications.put({ ...application, passwords }),
  };
}

function findPrincipalHolder(call: GraphCall): Holder {
  const principal = requireServicePrincipalForWrite(call, readKey(call, 0));
  return {
    passwords: principal.passwords,
    seen: requireServicePrincipal(call, readKey(call, 0)).passwords,
    hasPersonalAccounts: false,
    replace: (passwords) => call.emulation.tenant.servicePrincipals.put({ ...principal, passwords }),
  };
}

function add(call: GraphCall, holder: Holder): EmulatorReply {
  const { settings, random } = call.emulation;
  const now = new Date(call.request.nowMs);
  const body = call.body['passwordCredential'] ?? {};
  if (!isJsonObject(body)) throw badRequest("Invalid value specified for parameter 'passwordCredential'.");
  const asked = readPasswordRequest(body);
  checkPasswordPolicy(asked, settings, now);
  checkPasswordCount(holder.passwords.length + 1, holder.hasPersonalAccounts, settings);
  const password = createPassword(asked, random, now);
  holder.replace([...holder.passwords, password]);
  return {
    status: 200,
    body: {
      '@odata.context': `${baseUrl(call)}/$metadata#microsoft.graph.passwordCredential`,
      ...encodePassword(password, 'secret'),
    },
  };
}

function remove(call: GraphCall, holder: Holder): EmulatorReply {
  const keyId = readText(call.body, 'keyId');
  if (keyId === undefined) throw badRequest("A value is required for parameter 'keyId'.");
  const isSame = (password: PasswordCredential): boolean => password.keyId === keyId.toLowerCase();
  // A password that this replica has not seen cannot be told from one that never was.
  if (!holder.seen.some(isSame) || !holder.passwords.some(isSame)) throw passwordNotFound(keyId);
  holder.replace(holder.passwords.filter((password) => !isSame(password)));
  return { status: 204 };
}
