/** Makes the provider of one configuration; everything it keeps (tokens, learnt abilities) lives and dies with it. */
import type { Clock } from '../util/clock.ts';
import { createAccessTokens } from './access-tokens.ts';
import { createRoleProvider } from './arm.ts';
import { logIn } from './credential.ts';
import { createDirectoryProvider } from './graph.ts';
import { createLoginProvider } from './login.ts';
import type { CreateAzureProvider } from './provider.ts';
import type { Transport } from './transport.ts';

export interface AzureProviderFactoryDependencies {
  readonly transport: Transport;
  readonly clock: Clock;
}

/** The factory that engines are given. Loads none of the SDKs; the first call does. */
export function createAzureProviderFactory({
  transport,
  clock,
}: AzureProviderFactoryDependencies): CreateAzureProvider {
  return (spec) => {
    const dependencies = { transport, clock };
    let { credential } = spec;
    const accessTokens = createAccessTokens({
      clock,
      logIn: (scope, call) => logIn(dependencies, { ...spec, credential }, scope, call),
    });
    const shared = { ...dependencies, accessTokens, cloud: spec.cloud };
    return {
      directory: createDirectoryProvider(shared),
      roles: createRoleProvider(shared),
      login: createLoginProvider(dependencies, spec),
      useSecret: (clientSecret) => {
        if (credential.kind === 'clientSecret') credential = { ...credential, clientSecret };
      },
    };
  };
}
