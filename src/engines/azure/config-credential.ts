/** The rules of how the engine logs in, when `config` is written. */
import { AzureError, InvalidRequestError, NotSupportedByHostError } from '../../errors.ts';
import type { ConfigRequest } from './config-fields.ts';
import type { ConfigRecord } from './model-config.ts';
import type { AzureMount } from './mount.ts';
import { stepContext } from './procedure.ts';
import { retryStep } from './retry.ts';

/** The host must be able to mint tokens; and then this version still cannot use them. */
export async function checkIdentityToken(config: ConfigRecord, request: ConfigRequest): Promise<never> {
  if (config.clientSecret !== '') {
    throw new InvalidRequestError("only one of 'client_secret' or 'identity_token_audience' can be set");
  }
  try {
    await request.systemView.generateIdentityToken(config.identityTokenAudience, config.identityTokenTtlSeconds);
  } catch (error) {
    if (!(error instanceof NotSupportedByHostError)) throw error;
    throw new InvalidRequestError(
      `${error.message}; write client_id and client_secret, or leave both out to use a managed identity`,
      { cause: error },
    );
  }
  throw new InvalidRequestError(
    'identity_token_audience is not available in this version: write client_id and client_secret, or leave both out to use a managed identity',
  );
}

/** Logs in with the values; stores nothing. */
export async function verifyConfig(mount: AzureMount, request: ConfigRequest, config: ConfigRecord): Promise<void> {
  const { settings, provider } = mount.openSession(config);
  using budget = mount.startRequestBudget(request, config);
  const { credential } = settings;
  try {
    await retryStep(stepContext({ mount, budget }), 'log in with the given values', (call) =>
      credential.kind === 'clientSecret'
        ? provider.login.verifyLogin(credential.clientId, credential.clientSecret, call)
        : provider.directory.findApplicationsByAppId(settings.clientId, call).then(() => undefined),
    );
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    throw new InvalidRequestError(`nothing was stored: ${error.message}`, { cause: error });
  }
}
