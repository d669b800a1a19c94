/**
 * Files that hold an identity token, for example those that Kubernetes projects into a pod. Who may write `config` names
 * the file, so it must lie in a folder that who controls the server has allowed; its content never shows anywhere.
 */
import { errorMessage, InternalError } from '../../errors.ts';
import type { SmallFiles } from '../../util/small-file.ts';
import { isIdentityToken } from './identity-token.ts';

/** Tokens have one to three KiB. */
const MAX_TOKEN_BYTES = 16 * 1024;

const REMEDY =
  'register the plugin with -args=--federated-token-dir=<folder>, or set AZURE_FEDERATED_TOKEN_FILE in the environment of the server';

export interface TokenFilesOptions {
  /** Absolute, without a slash at the end; may themselves be symbolic links. */
  readonly allowedFolders: readonly string[];
  readonly files: SmallFiles;
}

export class TokenFiles {
  readonly #allowedFolders: readonly string[];
  readonly #files: SmallFiles;

  constructor({ allowedFolders, files }: TokenFilesOptions) {
    this.#allowedFolders = allowedFolders;
    this.#files = files;
  }

  /**
   * The token in the file, as it is now.
   * @throws InternalError that names field, problem and remedy.
   */
  async read(file: string): Promise<string> {
    if (!isPlainAbsolutePath(file)) {
      throw new InternalError(
        'federated_token_file must be an absolute path, without "." and ".." segments, double slashes and control characters',
      );
    }
    const realFolders = await this.#realFolders();
    // Before the file is touched: whether other files exist is nobody's business.
    if (!isBelow(file, [...this.#allowedFolders, ...realFolders])) {
      throw new InternalError(
        `federated_token_file must lie in a folder that was allowed when the plugin was registered: ${REMEDY}`,
      );
    }
    const bytes = await this.#readBelow(file, realFolders);
    if (bytes.length > MAX_TOKEN_BYTES) {
      throw new InternalError(
        `federated_token_file is larger than ${MAX_TOKEN_BYTES / 1024} KiB: it must hold one token and nothing else`,
      );
    }
    const token = new TextDecoder().decode(bytes).trim();
    if (!isIdentityToken(token)) {
      throw new InternalError(
        'federated_token_file holds no JSON Web Token: it must hold the three parts of one signed token and nothing else',
      );
    }
    return token;
  }

  /** Folders that are not there (yet) allow nothing. */
  async #realFolders(): Promise<string[]> {
    const found = await Promise.allSettled(this.#allowedFolders.map((folder) => this.#files.realPath(folder)));
    return found.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  }

  /** Kubernetes replaces a token by moving a symbolic link: what was found a moment ago may be gone, so look again. */
  async #readBelow(file: string, realFolders: readonly string[]): Promise<Uint8Array> {
    try {
      return await this.#readOnce(file, realFolders);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw unreadable(error);
    }
    return this.#readOnce(file, realFolders).catch((error: unknown) => {
      throw unreadable(error);
    });
  }

  async #readOnce(file: string, realFolders: readonly string[]): Promise<Uint8Array> {
    const realFile = await this.#files.realPath(file);
    if (!isBelow(realFile, realFolders)) {
      throw new InternalError(
        `federated_token_file is a symbolic link that leads out of the folders that were allowed when the plugin was registered: ${REMEDY}`,
      );
    }
    return this.#files.readStart(realFile, MAX_TOKEN_BYTES + 1);
  }
}

function isPlainAbsolutePath(path: string): boolean {
  const [first, ...segments] = path.split('/');
  return (
    first === '' &&
    segments.length > 0 &&
    segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..') &&
    !/\p{Cc}/u.test(path)
  );
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}

function unreadable(error: unknown): InternalError {
  if (error instanceof InternalError) return error;
  const reason = codeOf(error) || errorMessage(error);
  return new InternalError(
    `federated_token_file cannot be read (${reason}): it must be a file that the user of the server may read`,
    { cause: error },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
