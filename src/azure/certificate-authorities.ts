/**
 * The certificate authorities that Azure's and the proxy's certificates may come from. Node 20 reads neither the
 * system's bundle nor the SSL_ variables by itself, and forgets NODE_EXTRA_CA_CERTS as soon as it is given a list.
 */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { errorMessage } from '../errors.ts';
import type { Logger } from '../util/log.ts';
import type { TransportEnvironment } from './proxy.ts';

/** Reading of files as an argument. Both reject when the path cannot be read. */
export interface FileSource {
  readFile(path: string): Promise<string>;
  /** Names of the entries, without the path. */
  readFolder(path: string): Promise<readonly string[]>;
}

/** Where distributions keep the bundle; the first that exists counts. Source: Go's crypto/x509, root_linux.go and root_bsd.go. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
] as const;

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

export interface CertificateAuthoritiesDependencies {
  readonly environment: TransportEnvironment;
  readonly files: FileSource;
  readonly logger: Logger;
}

/**
 * Node's own roots, plus NODE_EXTRA_CA_CERTS, plus SSL_CERT_FILE and SSL_CERT_DIR (colon separated) or, when neither
 * is set, the system's bundle. What cannot be read or parsed is left out with a warning. Costs about 40 ms: call once.
 */
export async function loadSecureContext(dependencies: CertificateAuthoritiesDependencies): Promise<SecureContext> {
  const known = new Set(rootCertificates.map(pemBody));
  const additional: string[] = [];
  for (const pem of await readAdditional(dependencies)) {
    const body = pemBody(pem);
    if (known.has(body)) continue;
    known.add(body);
    if (isCertificate(pem)) additional.push(pem);
    else dependencies.logger.warn('certificate authority ignored: not a valid certificate');
  }
  // Without a list Node uses its roots from a store that it parses only once.
  return additional.length === 0
    ? createSecureContext()
    : createSecureContext({ ca: [...rootCertificates, ...additional] });
}

async function readAdditional({ environment, files, logger }: CertificateAuthoritiesDependencies): Promise<string[]> {
  const texts: (string | undefined)[] = [];
  const read = async (path: string, variable: string): Promise<void> => {
    texts.push(
      await files.readFile(path).catch((thrown: unknown) => {
        logger.warn('certificate authorities not read', { variable, path, error: errorMessage(thrown) });
        return undefined;
      }),
    );
  };
  const extraFile = environment['NODE_EXTRA_CA_CERTS'] ?? '';
  if (extraFile !== '') await read(extraFile, 'NODE_EXTRA_CA_CERTS');
  const file = environment['SSL_CERT_FILE'] ?? '';
  const folders = (environment['SSL_CERT_DIR'] ?? '').split(':').filter((folder) => folder !== '');
  if (file !== '') await read(file, 'SSL_CERT_FILE');
  for (const folder of folders) {
    const names = await files.readFolder(folder).catch((thrown: unknown) => {
      logger.warn('certificate authorities not read', {
        variable: 'SSL_CERT_DIR',
        path: folder,
        error: errorMessage(thrown),
      });
      return [];
    });
    // Such folders hold links, sub-folders and other files too: silently skipped, as Go does.
    texts.push(...(await Promise.all(names.map((name) => files.readFile(`${folder}/${name}`).catch(() => undefined)))));
  }
  if (file === '' && folders.length === 0) texts.push(await readSystemBundle(files));
  return texts.flatMap((text) => text?.match(PEM_CERTIFICATE) ?? []);
}

async function readSystemBundle(files: FileSource): Promise<string | undefined> {
  for (const path of SYSTEM_BUNDLES) {
    const text = await files.readFile(path).catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The base64 text alone, so that the same certificate in other line lengths is recognised. */
function pemBody(pem: string): string {
  return pem.replace(/-----[A-Z ]+-----|\s/g, '');
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
