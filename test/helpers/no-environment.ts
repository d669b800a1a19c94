/** A server without Azure settings of its own. */
import type { AzureEnvironment } from '../../src/engines/azure/settings.ts';

export const NO_ENVIRONMENT: AzureEnvironment = {
  subscriptionId: '',
  tenantId: '',
  clientId: '',
  clientSecret: '',
  environment: '',
  federatedTokenFile: '',
};
