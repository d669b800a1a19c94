/** What a write of `config` makes of the credential, and the rules of it. */
import { AzureError, InternalError, InvalidRequestError } from '../../errors.ts';
import type { JsonObject } from '../../util/json.ts';
import { formatTime } from '../../util/rfc3339.ts';
import { describeClientCertificate, parseClientCertificate } from './client-certificate.ts';
import type { ConfigRequest } from './config-fields.ts';
import { mintIdentityToken } from './login-credential.ts';
import { type ConfigRecord, DEFAULT_IDENTITY_TOKEN_TTL_SECONDS, EMPTY_CONFIG } from './model-config.ts';
import type { AzureMount } from './mount.ts';
import { stepContext } from './procedure.ts';
import { retryStep } from './retry.ts';
import { type AzureEnvironment, selectAuthMethod, selectCredential } from './settings.ts';

type CredentialFields = Pick<
  ConfigRecord,
  | 'clientId'
  | 'clientSecret'
  | 'clientCertificate'
  | 'identityTokenAudience'
  | 'identityTokenTtlSeconds'
  | 'federatedTokenFile'
  | 'clientSecretKeyId'
  | 'staged'
  | 'rootPasswordExpiresAt'
  | 'rootPasswordCreatedAt'
>;

const tellDefaultFile = (reason: string): string =>
  `AZURE_FEDERATED_TOKEN_FILE of the server is the default of federated_token_file (write federated_token_file="" to do without): ${reason}`;

/** @throws InvalidRequestError when the certificate is of no use. */
export function mergeCredential(
  before: ConfigRecord | undefined,
  { given }: ConfigRequest,
  { environment, now }: { readonly environment: AzureEnvironment; readonly now: Date },
): CredentialFields {
  const old = before ?? EMPTY_CONFIG;
  const certificate = given.client_certificate;
  const identityTokenAudience = given.identity_token_audience ?? old.identityTokenAudience;
  const defaultTtlSeconds = identityTokenAudience === '' ? 0 : DEFAULT_IDENTITY_TOKEN_TTL_SECONDS;
  const isGiven = [
    given.client_id,
    given.client_secret,
    certificate,
    given.identity_token_audience,
    given.federated_token_file,
  ].some((value) => value !== undefined);
  const merged: CredentialFields = {
    clientId: given.client_id ?? old.clientId,
    clientSecret: given.client_secret ?? old.clientSecret,
    clientCertificate:
      certificate === undefined || certificate === ''
        ? (certificate ?? old.clientCertificate)
        : parseClientCertificate(certificate, now),
    identityTokenAudience,
    identityTokenTtlSeconds: given.identity_token_ttl ?? (old.identityTokenTtlSeconds || defaultTtlSeconds),
    federatedTokenFile: given.federated_token_file ?? old.federatedTokenFile,
    // A new secret is the operator's: id and times are those of the old one, to which a staged one belongs too.
    clientSecretKeyId: isGiven ? '' : old.clientSecretKeyId,
    rootPasswordExpiresAt: isGiven ? undefined : old.rootPasswordExpiresAt,
    rootPasswordCreatedAt: isGiven ? undefined : old.rootPasswordCreatedAt,
    staged: isGiven ? undefined : old.staged,
  };
  const isDefaultWanted = before === undefined && given.federated_token_file === undefined;
  return isDefaultWanted && isWithoutCredential(merged, environment)
    ? { ...merged, federatedTokenFile: environment.federatedTokenFile }
    : merged;
}

/** Nothing is named that logs in, but somebody to log in as. */
function isWithoutCredential(fields: CredentialFields, environment: AzureEnvironment): boolean {
  const hasClientId = fields.clientId !== '' || environment.clientId !== '';
  return hasClientId && selectAuthMethod({ ...EMPTY_CONFIG, ...fields }, environment) === 'managed_identity';
}

/**
 * What can be checked without Azure: that the credential in force is complete, that the host can mint tokens, that the
 * token file may be read and holds a token.
 * @throws InvalidRequestError
 */
export async function checkCredential(
  mount: AzureMount,
  request: ConfigRequest,
  before: ConfigRecord | undefined,
  config: ConfigRecord,
): Promise<void> {
  const { given } = request;
  if (config.identityTokenAudience !== '' && config.clientSecret !== '') {
    throw new InvalidRequestError("only one of 'client_secret' or 'identity_token_audience' can be set");
  }
  const isTokenChecked = given.identity_token_audience !== undefined || given.identity_token_ttl !== undefined;
  await asInvalidRequest(async () => {
    if (config.identityTokenAudience !== '' && isTokenChecked) {
      const { identityTokenAudience: audience, identityTokenTtlSeconds: ttlSeconds } = config;
      await mintIdentityToken({ audience, ttlSeconds }, request.systemView);
    }
    selectCredential(config, mount.environment);
  });
  if (config.federatedTokenFile === '') return;
  const read = async (): Promise<void> => {
    await mount.tokenFiles.read(config.federatedTokenFile);
  };
  if (given.federated_token_file !== undefined) await asInvalidRequest(read);
  else if (before === undefined) await asInvalidRequest(read, tellDefaultFile);
}

/**
 * Who writes a credential believes that it is used from then on. Only for the fields that are ours: a write of the others
 * is answered as by the Go plugin.
 */
export function warnOfUnused(
  { given }: Pick<ConfigRequest, 'given'>,
  config: ConfigRecord,
  environment: AzureEnvironment,
): string[] {
  const method = selectAuthMethod(config, environment);
  const isFromEnvironment = method === 'client_secret' && environment.clientSecret !== '';
  const remedy = isFromEnvironment
    ? 'AZURE_CLIENT_SECRET of the server sets that one'
    : `clear that one with ${method}=""`;
  return (['client_certificate', 'federated_token_file'] as const)
    .filter((field) => field !== method && given[field] !== undefined && given[field] !== '')
    .map(
      (field) => `${field} is stored but not used: the engine logs in with ${method}, which comes before it; ${remedy}`,
    );
}

/** What a read shows of how the engine logs in; no secret. */
export function describeCredential(config: ConfigRecord, environment: AzureEnvironment): JsonObject {
  const { federatedTokenFile } = config;
  const certificate = describeClientCertificate(config.clientCertificate);
  return {
    auth_method: selectAuthMethod(config, environment),
    ...(federatedTokenFile === '' ? {} : { federated_token_file: federatedTokenFile }),
    ...(certificate === undefined
      ? {}
      : {
          client_certificate_thumbprint: certificate.thumbprint,
          client_certificate_expiration_date: formatTime(certificate.expiresAt),
        }),
  };
}

/** Logs in with the values; stores nothing. */
export async function verifyConfig(mount: AzureMount, request: ConfigRequest, config: ConfigRecord): Promise<void> {
  using budget = mount.startRequestBudget(request, config);
  const logIn = async (): Promise<void> => {
    const { provider } = mount.openSession(config);
    await retryStep(stepContext({ mount, budget }), 'log in with the given values', (call) =>
      provider.login.verifyOwnLogin(call),
    );
  };
  await asInvalidRequest(logIn, (reason) => `nothing was stored: ${reason}`);
}

/** The values are the caller's: what is wrong with them is so too. */
async function asInvalidRequest(work: () => Promise<void>, tell = (reason: string): string => reason): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AzureError || error instanceof InternalError)) throw error;
    throw new InvalidRequestError(tell(error.message), { cause: error });
  }
}
