/** `federatedIdentityCredentials` of an application. */
import type { EmulatorReply } from '../server/exchange.ts';
import type { Application, FederatedCredential } from '../state/applications.ts';
import { FEDERATED_CREDENTIAL_KIND } from './application-kind.ts';
import { requireApplication, requireApplicationForWrite } from './applications.ts';
import { readKey, readText, readTextList, type GraphCall, type GraphRoute } from './call.ts';
import { badRequest, GraphError, objectTooLarge, resourceNotFound } from './errors.ts';
import { answerList, answerObject } from './listing.ts';
import { APPLICATION_OWNED, APPLICATION_READ, APPLICATION_WRITE } from './rights.ts';

const PATH = '/applications/{}/federatedIdentityCredentials';

export const FEDERATED_CREDENTIAL_ROUTES: readonly GraphRoute[] = [
  { method: 'GET', path: PATH, rights: APPLICATION_READ, answer: list },
  { method: 'POST', path: PATH, rights: APPLICATION_WRITE, ownedRights: APPLICATION_OWNED, answer: create },
  {
    method: 'GET',
    path: `${PATH}/{}`,
    rights: APPLICATION_READ,
    answer: (call) =>
      answerObject(
        call,
        FEDERATED_CREDENTIAL_KIND,
        requireCredential(call, requireApplication(call, readKey(call, 0))),
      ),
  },
  { method: 'PATCH', path: `${PATH}/{}`, rights: APPLICATION_WRITE, ownedRights: APPLICATION_OWNED, answer: patch },
  { method: 'DELETE', path: `${PATH}/{}`, rights: APPLICATION_WRITE, ownedRights: APPLICATION_OWNED, answer: remove },
];

function list(call: GraphCall): EmulatorReply {
  const { federatedCredentials } = requireApplication(call, readKey(call, 0));
  return answerList(call, { kind: FEDERATED_CREDENTIAL_KIND, list: () => federatedCredentials });
}

/** The key is the credential's id or its name. @throws GraphError 404 */
function requireCredential(call: GraphCall, application: Application): FederatedCredential {
  const { value } = readKey(call, 1);
  const found = application.federatedCredentials.find(({ id, name }) => id === value.toLowerCase() || name === value);
  if (found === undefined) throw resourceNotFound(value);
  return found;
}

function create(call: GraphCall): EmulatorReply {
  const application = requireApplicationForWrite(call, readKey(call, 0));
  const { tenant, random, settings } = call.emulation;
  const credential = readCredential(call, random.uuid());
  const existing = application.federatedCredentials;
  if (existing.length >= settings.quotas.federatedCredentialsPerApplication) throw objectTooLarge();
  if (existing.some(({ name }) => name === credential.name)) {
    const message = `FederatedIdentityCredential with name ${credential.name} already exists.`;
    throw new GraphError(409, 'Request_MultipleObjectsWithSameKeyValue', message);
  }
  const isSame = (other: FederatedCredential): boolean =>
    other.issuer === credential.issuer && other.subject === credential.subject;
  if (existing.some(isSame)) {
    throw badRequest('FederatedIdentityCredential with issuer and subject already exists on this application.');
  }
  tenant.applications.put({ ...application, federatedCredentials: [...existing, credential] });
  return answerObject(call, FEDERATED_CREDENTIAL_KIND, credential, { status: 201 });
}

function readCredential({ body }: GraphCall, id: string): FederatedCredential {
  const [name, issuer, subject] = ['name', 'issuer', 'subject'].map((property) => {
    const value = readText(body, property);
    if (value === undefined || value === '') {
      throw badRequest(`A value is required for property '${property}' of resource 'FederatedIdentityCredential'.`);
    }
    return value;
  });
  const audiences = readTextList(body, 'audiences') ?? [];
  if (audiences.length !== 1) {
    throw badRequest("Invalid value specified for property 'audiences' of resource 'FederatedIdentityCredential'.");
  }
  return {
    id,
    name: name ?? '',
    issuer: issuer ?? '',
    subject: subject ?? '',
    audiences,
    description: readText(body, 'description') ?? null,
  };
}

function patch(call: GraphCall): EmulatorReply {
  const application = requireApplicationForWrite(call, readKey(call, 0));
  const credential = requireCredential(call, application);
  const changed: FederatedCredential = {
    ...credential,
    issuer: readText(call.body, 'issuer') ?? credential.issuer,
    subject: readText(call.body, 'subject') ?? credential.subject,
    audiences: readTextList(call.body, 'audiences') ?? credential.audiences,
    description: readText(call.body, 'description') ?? credential.description,
  };
  call.emulation.tenant.applications.put({
    ...application,
    federatedCredentials: application.federatedCredentials.map((other) => (other === credential ? changed : other)),
  });
  return { status: 204 };
}

function remove(call: GraphCall): EmulatorReply {
  const application = requireApplicationForWrite(call, readKey(call, 0));
  const credential = requireCredential(call, application);
  call.emulation.tenant.applications.put({
    ...application,
    federatedCredentials: application.federatedCredentials.filter((other) => other !== credential),
  });
  return { status: 204 };
}
