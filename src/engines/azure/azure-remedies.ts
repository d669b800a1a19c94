/** What an operator can do about a final failure of Azure. */
import { AzureError } from '../../errors.ts';

/** `undefined`: there is nothing to tell. */
export type FindRemedy = (error: AzureError) => string | undefined;

/** The same error with the remedy behind its message; unchanged when there is none to tell. */
export function withRemedy(error: AzureError, find: FindRemedy = findRemedy): AzureError {
  const remedy = find(error);
  if (remedy === undefined) return error;
  return new AzureError(
    { ...fieldsOf(error), azureMessage: `${error.azureMessage.replace(/[.\s]+$/u, '')}; ${remedy}` },
    { cause: error.cause ?? error },
  );
}

function findRemedy(error: AzureError): string | undefined {
  const { service, status, azureCode, detailCodes } = error;
  const codes = [azureCode, ...detailCodes];
  if (codes.includes('CredentialInvalidLifetimeAsPerAppPolicy')) {
    return 'the tenant limits how long secrets may live: set explicit_max_ttl on the role below that limit';
  }
  if (codes.includes('CredentialTypeNotAllowedAsPerAppPolicy')) {
    return 'the tenant forbids client secrets: have an exception made for the applications of this secrets engine';
  }
  if (codes.some((code) => code.startsWith('Directory_QuotaExceeded'))) {
    return 'the directory is full: delete unused applications, empty the recycle bin, or set permanently_delete on the role';
  }
  if (service === 'graph' && azureCode === 'Authorization_RequestDenied') {
    return 'grant the identity of this secrets engine the Graph application permission that the step needs (see the permissions page)';
  }
  if (service === 'arm' && azureCode === 'AuthorizationFailed') {
    return 'grant the identity of this secrets engine Owner or User Access Administrator at that scope';
  }
  if (azureCode === 'RoleAssignmentLimitExceeded') {
    return 'the subscription has no room for role assignments: remove unused ones';
  }
  if (service === 'entra' && (azureCode === 'AADSTS7000215' || azureCode === 'AADSTS7000222')) {
    return 'write a valid client_secret to config';
  }
  const assertionRemedy = service === 'entra' ? ASSERTION_REMEDIES.get(azureCode) : undefined;
  if (assertionRemedy !== undefined) return assertionRemedy;
  if (service === 'managedIdentity') return findPlatformRemedy(error);
  if (service === 'entra' && azureCode === 'AADSTS700016') return 'check client_id and tenant_id in config';
  if (status === undefined) return 'check that the server can reach Azure (proxy, DNS, certificate authorities)';
  return undefined;
}

const FEDERATED_REMEDY =
  'give the application a federated credential with the issuer, subject and audience that the identity token has';

/** Logins with a token that somebody else has signed, or with a certificate. */
const ASSERTION_REMEDIES: ReadonlyMap<string, string> = new Map([
  ['AADSTS70021', FEDERATED_REMEDY],
  ['AADSTS700211', FEDERATED_REMEDY],
  ['AADSTS700212', FEDERATED_REMEDY],
  ['AADSTS700213', FEDERATED_REMEDY],
  [
    'AADSTS700024',
    'the identity token is too old or not valid yet: see that whoever writes federated_token_file renews it, and that clocks agree',
  ],
  [
    'AADSTS700027',
    'with client_certificate: upload that certificate to the application, or write one that it has and that has not ended',
  ],
]);

function findPlatformRemedy({ status }: AzureError): string | undefined {
  if (status === undefined) {
    return 'no credential is configured, and this server has no managed identity that answers: write a credential to config, or run the server where the platform offers an identity';
  }
  return status === 400 ? 'assign the identity to the machine, or write its client_id to config' : undefined;
}

/** As for roles, where it differs: the passwords of static roles, and logins with them. */
export function findStaticRemedy(error: AzureError): string | undefined {
  const { service, azureCode, detailCodes } = error;
  if ([azureCode, ...detailCodes].includes('CredentialInvalidLifetimeAsPerAppPolicy')) {
    return 'the tenant limits how long secrets may live: set a shorter rotation_period on the static role';
  }
  const isOwnLogin = error.step.startsWith('log in to Entra ID');
  if (service !== 'entra' || isOwnLogin) return findRemedy(error);
  if (azureCode === 'AADSTS7000215' || azureCode === 'AADSTS7000222') {
    return 'if the secret is older than a few minutes, rotate the static role with rotate-role/<name>';
  }
  if (azureCode === 'AADSTS700016' || azureCode === 'AADSTS7000229') {
    return 'the application of the static role needs a service principal in the tenant';
  }
  return error.status === undefined ? findRemedy(error) : undefined;
}

function fieldsOf(error: AzureError): ConstructorParameters<typeof AzureError>[0] {
  const { service, step, status, azureCode, detailCodes, azureMessage, requestId, retryAfterMs } = error;
  return { service, step, status, azureCode, detailCodes, azureMessage, requestId, retryAfterMs };
}
