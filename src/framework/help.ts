/** Help as text and as an OpenAPI document, made from the path table. Source: Vault SDK framework/path.go, backend.go. */
import { errorMessage } from '../errors.ts';
import type { Request, Response, SpecialPaths } from '../logical/index.ts';
import type { JsonObject } from '../util/json.ts';
import type { Logger } from '../util/log.ts';
import { fieldTypeNames } from './field-types.ts';
import { createOpenApiDocument } from './openapi.ts';
import type { Path } from './path.ts';

/** What help needs of an engine. */
export interface HelpSource {
  readonly help: string;
  readonly paths: readonly Path[];
  readonly specialPaths?: Partial<SpecialPaths>;
}

/** Help of the whole mount. Never throws: the host asks every mount for it to make one document for all. */
export async function describeRoot(request: Request, source: HelpSource, logger: Logger): Promise<Response> {
  const openapi = await documentPaths(request, source.paths, source, logger);
  return helpResponse(renderRootHelp(source.help, source.paths), openapi);
}

/** Help of one path. */
export async function describePath(
  request: Request,
  path: Path,
  source: HelpSource,
  logger: Logger,
): Promise<Response> {
  const openapi = await documentPaths(request, [path], source, logger);
  return helpResponse(renderPathHelp(request.path, path), openapi);
}

function helpResponse(help: string, openapi: JsonObject | undefined): Response {
  return { data: { help, see_also: null, ...(openapi === undefined ? {} : { openapi }) } };
}

/** `undefined` when it cannot be made: the host then skips the mount, a broken document would spoil all of them. */
async function documentPaths(
  request: Request,
  paths: readonly Path[],
  source: HelpSource,
  logger: Logger,
): Promise<JsonObject | undefined> {
  try {
    const prefix = Object.hasOwn(request.data, 'requestResponsePrefix') ? request.data['requestResponsePrefix'] : '';
    return createOpenApiDocument(paths, {
      hostVersion: await readHostVersion(request),
      operationPrefix: typeof prefix === 'string' ? prefix : '',
      rootPaths: source.specialPaths?.root ?? [],
      unauthenticatedPaths: source.specialPaths?.unauthenticated ?? [],
    });
  } catch (error) {
    logger.warn('error generating OpenAPI', { error: errorMessage(error) });
    return undefined;
  }
}

async function readHostVersion(request: Request): Promise<string> {
  try {
    return (await request.systemView.pluginEnvironment()).hostVersion;
  } catch {
    return 'unknown';
  }
}

export function renderPathHelp(requestPath: string, path: Path): string {
  const parameters = Object.entries(path.fields)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, schema]) => {
      const description = orPlaceholder(schema.description, 'description');
      const text = schema.isDeprecated ? `(DEPRECATED) ${description}` : description;
      return `${indent(4, name)} (${fieldTypeNames[schema.kind]})\n\n${indent(8, text)}\n`;
    });
  return [
    `Request:        ${requestPath}`,
    `Matching Route: ${path.pattern}`,
    '',
    orPlaceholder(path.synopsis, 'synopsis'),
    '',
    ...(parameters.length === 0 ? [] : ['## PARAMETERS', '', ...parameters]),
    '## DESCRIPTION',
    '',
    orPlaceholder(path.description, 'description'),
  ]
    .join('\n')
    .trim();
}

export function renderRootHelp(help: string, paths: readonly Path[]): string {
  const entries = [...paths]
    .sort((left, right) => (left.pattern < right.pattern ? -1 : 1))
    .map((path) => `${indent(4, path.pattern)}\n${indent(8, path.synopsis)}\n`);
  return [
    '## DESCRIPTION',
    '',
    help.trim(),
    '',
    '## PATHS',
    '',
    'These are the paths of this engine, as regular expressions. Ask for the',
    'help of any path that one of them matches to learn more about it. What',
    'a token may do with them is up to its policies.',
    '',
    ...entries,
  ]
    .join('\n')
    .trim();
}

function orPlaceholder(text: string, what: string): string {
  return text.trim() === '' ? `<no ${what}>` : text.trim();
}

function indent(width: number, text: string): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(width) + line)
    .join('\n')
    .trimEnd();
}
