import test from 'ava';
import { AZURE_CLOUDS, findCloud, graphScope } from '../../../src/azure/clouds.ts';

const lookUp = test.macro({
  exec: (t, name: string, expected: string | undefined) => t.is(findCloud(name)?.name, expected),
  title: (_, name: string, expected: string | undefined) =>
    `a cloud, looked up as "${name}", is ${expected ?? 'unknown'}`,
});

test(lookUp, '', 'AzurePublicCloud');
test(lookUp, 'AzurePublicCloud', 'AzurePublicCloud');
test(lookUp, 'AZUREPUBLICCLOUD', 'AzurePublicCloud');
test(lookUp, 'azureusgovernmentcloud', 'AzureUSGovernmentCloud');
test(lookUp, 'AzureUSGovernmentDoDCloud', 'AzureUSGovernmentDoDCloud');
test(lookUp, 'AzureChinaCloud', 'AzureChinaCloud');
test(lookUp, 'AzureGermanCloud', undefined);
test(lookUp, 'public', undefined);

test('clouds, every endpoint, is an https origin without a slash at its end', (t) => {
  for (const cloud of AZURE_CLOUDS) {
    for (const endpoint of [cloud.authorityHost, cloud.graphEndpoint, cloud.armEndpoint]) {
      t.is(new URL(endpoint).origin, endpoint, cloud.name);
      t.is(new URL(endpoint).protocol, 'https:');
    }
    t.regex(cloud.armScope, /^https:\/\/management\.[a-z.]+\/\.default$/);
    t.is(graphScope(cloud), `${cloud.graphEndpoint}/.default`);
  }
});

test('clouds, Graph endpoints, are one of its own for each', (t) => {
  const endpoints = AZURE_CLOUDS.map((cloud) => cloud.graphEndpoint);
  t.is(new Set(endpoints).size, AZURE_CLOUDS.length);
});
