/** The Azure clouds as data: which hosts serve a cloud, and for which audience ARM wants its tokens. */
import type { AzureCloud } from './provider.ts';

/** Includes US Government "GCC" tenants, which live in the public cloud. */
export const AZURE_PUBLIC_CLOUD: AzureCloud = {
  name: 'AzurePublicCloud',
  authorityHost: 'https://login.microsoftonline.com',
  graphEndpoint: 'https://graph.microsoft.com',
  armEndpoint: 'https://management.azure.com',
  armScope: 'https://management.azure.com/.default',
};

/**
 * All clouds, in the order in which documentation lists them.
 * Source: ARM audiences of the sovereign clouds as azure-sdk-for-go's azcore/cloud has them.
 */
export const AZURE_CLOUDS: readonly AzureCloud[] = [
  AZURE_PUBLIC_CLOUD,
  {
    // GCC High ("L4").
    name: 'AzureUSGovernmentCloud',
    authorityHost: 'https://login.microsoftonline.us',
    graphEndpoint: 'https://graph.microsoft.us',
    armEndpoint: 'https://management.usgovcloudapi.net',
    armScope: 'https://management.core.usgovcloudapi.net/.default',
  },
  {
    // "L5": a Graph of its own, login and ARM shared with L4.
    name: 'AzureUSGovernmentDoDCloud',
    authorityHost: 'https://login.microsoftonline.us',
    graphEndpoint: 'https://dod-graph.microsoft.us',
    armEndpoint: 'https://management.usgovcloudapi.net',
    armScope: 'https://management.core.usgovcloudapi.net/.default',
  },
  {
    name: 'AzureChinaCloud',
    // The older login.chinacloudapi.cn is an alias that MSAL exchanges for this host anyway; named here, what the table
    // says is what is called.
    authorityHost: 'https://login.partner.microsoftonline.cn',
    graphEndpoint: 'https://microsoftgraph.chinacloudapi.cn',
    armEndpoint: 'https://management.chinacloudapi.cn',
    armScope: 'https://management.core.chinacloudapi.cn/.default',
  },
];

/** A cloud by the name that the API field carries, in any case; '' is the public cloud. */
export function findCloud(name: string): AzureCloud | undefined {
  if (name === '') return AZURE_PUBLIC_CLOUD;
  const wanted = name.toLowerCase();
  return AZURE_CLOUDS.find((cloud) => cloud.name.toLowerCase() === wanted);
}

/** The scope of a Graph token in this cloud, for example `https://graph.microsoft.com/.default`. */
export function graphScope(cloud: AzureCloud): string {
  return `${cloud.graphEndpoint}/.default`;
}

/** Whether the SDK knows the login host, so that it need not ask it (or the public cloud) for its endpoints. */
export function hasKnownAuthority(cloud: AzureCloud): boolean {
  return AZURE_CLOUDS.some(({ authorityHost }) => authorityHost === cloud.authorityHost);
}
