/** Proves that a client id and secret log in, on a path that no cache of ours or of MSAL's can answer. */
import { graphScope } from './clouds.ts';
import { logIn, type LoginDependencies } from './credential.ts';
import type { AzureProviderSpec, LoginProvider } from './provider.ts';

export function createLoginProvider(dependencies: LoginDependencies, spec: AzureProviderSpec): LoginProvider {
  return {
    verifyLogin: async (clientId, clientSecret, call) => {
      const probe: AzureProviderSpec = { ...spec, credential: { kind: 'clientSecret', clientId, clientSecret } };
      await logIn(dependencies, probe, graphScope(spec.cloud), call, { isFreshConnection: true });
    },
  };
}
