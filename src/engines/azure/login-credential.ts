/** From the credential in force to what logs in: where tokens come from, and whether two credentials are the same. */
import { isDeepStrictEqual } from 'node:util';
import type { AzureCredential } from '../../azure/provider.ts';
import { errorMessage, InternalError, NotSupportedByHostError } from '../../errors.ts';
import type { SystemView } from '../../logical/index.ts';
import { isIdentityToken } from './identity-token.ts';
import type { LoginCredential } from './settings.ts';
import type { TokenFiles } from './token-files.ts';

export interface TokenSources {
  /** Not bound to a call: a login serves all requests that wait for it. */
  readonly systemView: SystemView;
  readonly tokenFiles: TokenFiles;
}

export function createAzureCredential(credential: LoginCredential, sources: TokenSources): AzureCredential {
  const { clientId } = credential;
  switch (credential.method) {
    case 'client_secret':
      return { kind: 'clientSecret', clientId, clientSecret: credential.clientSecret };
    case 'client_certificate':
      return { kind: 'clientCertificate', clientId, certificatePem: credential.certificatePem };
    case 'identity_token_audience': {
      const getAssertion = (): Promise<string> => mintIdentityToken(credential, sources.systemView);
      return { kind: 'clientAssertion', clientId, getAssertion };
    }
    case 'federated_token_file':
      return { kind: 'clientAssertion', clientId, getAssertion: () => sources.tokenFiles.read(credential.file) };
    case 'managed_identity':
      return { kind: 'managedIdentity', clientId };
  }
}

/**
 * A token of the host's, minted anew.
 * @throws InternalError, with the way out when the host cannot mint any; what the system view throws.
 */
export async function mintIdentityToken(
  { audience, ttlSeconds }: { readonly audience: string; readonly ttlSeconds: number },
  systemView: SystemView,
): Promise<string> {
  try {
    const { identityToken } = await systemView.generateIdentityToken(audience, ttlSeconds);
    if (isIdentityToken(identityToken)) return identityToken;
  } catch (error) {
    if (!(error instanceof NotSupportedByHostError)) throw error;
    throw new InternalError(
      `identity_token_audience: ${errorMessage(error)}; write federated_token_file, which needs nothing of the host, client_certificate, or client_secret`,
      { cause: error },
    );
  }
  throw new InternalError('identity_token_audience: what the host minted is no JSON Web Token');
}

/** They act as the same identity in the same way, so that tokens of one serve the other. */
export function isSameCredential(left: LoginCredential, right: LoginCredential): boolean {
  return isDeepStrictEqual(left, right);
}
