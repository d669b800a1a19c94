/** Why a call to Azure got no answer, in words for an operator. */
import { errorMessage } from '../errors.ts';

/**
 * - `timeout`: no complete answer in time
 * - `connect`: the host was not reached (name, network, refused)
 * - `certificate`: the host's certificate is not accepted
 * - `proxy`: the HTTP proxy refused or is not usable
 * - `broken`: the connection ended, or what came was no HTTP answer
 */
export type TransportFailure = 'timeout' | 'connect' | 'certificate' | 'proxy' | 'broken';

export interface TransportErrorOptions extends ErrorOptions {
  readonly failure: TransportFailure;
  /** Node's code, for example `ECONNREFUSED`; '' when it has none. */
  readonly networkCode?: string;
  /** False only when the request is known not to have left this machine. */
  readonly wasSent: boolean;
}

/** No usable answer came. Becomes an `AzureError` without a status, whose cause it is. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly failure: TransportFailure;
  readonly networkCode: string;
  readonly wasSent: boolean;

  constructor(message: string, options: TransportErrorOptions) {
    super(message, options);
    this.failure = options.failure;
    this.networkCode = options.networkCode ?? '';
    this.wasSent = options.wasSent;
  }

  /** Waiting will not help: somebody has to change a setting. */
  get isPermanent(): boolean {
    return this.failure === 'certificate' || this.failure === 'proxy';
  }
}

const CONNECT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
]);

/** OpenSSL's verification results, as Node names them, that do not begin with `CERT_` or `ERR_TLS_CERT_`. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
]);

const UNKNOWN_ISSUER_CODES: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
]);

/** A socket's or parser's error. `target` is the host that was called, for example `graph.microsoft.com:443`. */
export function toTransportError(thrown: unknown, target: string, wasSent: boolean): TransportError {
  if (thrown instanceof TransportError) return thrown;
  const networkCode = networkCodeOf(thrown);
  if (isCertificateCode(networkCode)) {
    const remedy = UNKNOWN_ISSUER_CODES.has(networkCode)
      ? '; add the certificate of the authority that signed it to SSL_CERT_FILE or NODE_EXTRA_CA_CERTS'
      : '';
    return new TransportError(`the certificate of ${target} is not accepted (${networkCode})${remedy}`, {
      failure: 'certificate',
      networkCode,
      wasSent: false,
      cause: thrown,
    });
  }
  const code = networkCode === '' ? errorMessage(thrown) : networkCode;
  if (CONNECT_CODES.has(networkCode) || (networkCode === 'ETIMEDOUT' && !wasSent)) {
    return new TransportError(`cannot reach ${target} (${code})`, {
      failure: 'connect',
      networkCode,
      wasSent: false,
      cause: thrown,
    });
  }
  return new TransportError(`the connection to ${target} broke (${code})`, {
    failure: 'broken',
    networkCode,
    wasSent,
    cause: thrown,
  });
}

function isCertificateCode(networkCode: string): boolean {
  return (
    CERTIFICATE_CODES.has(networkCode) || networkCode.startsWith('CERT_') || networkCode.startsWith('ERR_TLS_CERT_')
  );
}

/** The code of an error, also of the AggregateError that several tried addresses make. */
function networkCodeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return '';
}
