/** The SDK's own log, which AZURE_LOG_LEVEL in the host's environment would otherwise pour onto stderr. */

/** Switches it off; our own log has a line for every call. Idempotent. */
export async function silenceSdkLog(): Promise<void> {
  const { AzureLogger, setLogLevel } = await import('@azure/logger');
  setLogLevel();
  AzureLogger.log = () => undefined;
}
