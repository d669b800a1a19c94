/** The limits that a test gives to a call of a provider. */
import type { AzureCall } from '../../src/azure/provider.ts';

export function azureCall(step: string, signal: AbortSignal = new AbortController().signal): AzureCall {
  return { step, signal };
}
