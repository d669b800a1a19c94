// docs/api/azure.md: the reference of every path, made from the route tables that the engine serves.
import { loadSource } from './lib/load-source.mjs';

const MOUNT = 'azure';
const HEADER = `# API of the Azure secrets engine

Made from the route tables of \`src/engines/azure/\` by \`npm run generate\`. The [guide](../azure/README.md) says how
things go together.

The engine is mounted at \`${MOUNT}/\` here. Requests carry a token in the header \`X-Vault-Token\`. Durations are numbers of
seconds or texts like \`90s\`, \`1h\`, \`2d\`; answers have seconds. A write answers 204, or 200 when there are warnings, for
example about fields that a path does not know. Errors answer \`{"errors": ["…"]}\`; the texts are in
[troubleshooting](../troubleshooting.md).`;

/** What an operation answers when its table names nothing. */
const USUAL_ANSWERS = {
  create: '204 without a body, or 200 with warnings.',
  update: '204 without a body, or 200 with warnings.',
  delete: '204 without a body, or 200 with warnings.',
  list: '200 with `{"data": {"keys": […]}}`, or 404 when there are none.',
  read: '200 with `data`, or 404.',
};

/** What people call an operation. */
const VERBS = { create: 'Write', update: 'Write', delete: 'Delete', list: 'List', read: 'Read' };

/** @returns {Promise<Map<string, string>>} */
export async function generate() {
  const { descriptions } = await loadSource('scripts/entries/azure-paths.mjs');
  return new Map([['docs/api/azure.md', render(descriptions)]]);
}

/** @param {readonly import('../src/framework/index.ts').PathDescription[]} descriptions */
export function render(descriptions) {
  const sorted = descriptions.toSorted((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1));
  const contents = sorted.map((description) => {
    const title = titleOf(description);
    return `- [${title}](#${title.replaceAll(/[^\w-]/g, '')}): ${description.synopsis}`;
  });
  return `${[HEADER, contents.join('\n'), ...sorted.map(renderPath)].join('\n\n')}\n`;
}

/** As documents of the host write paths: `roles/:name`. */
const titleOf = ({ paths, pattern }) => (paths[0] ?? pattern).replaceAll(/\{(\w+)\}/g, ':$1').replace(/\/$/, '');

function renderPath(description) {
  const title = titleOf(description);
  const operations = mergeSame(description.operations);
  return [
    `## ${title}`,
    description.synopsis,
    ...(description.description === description.synopsis ? [] : [description.description]),
    table(
      ['method', 'path', 'operation'],
      operations.map(({ names, method, summary }) => [
        `\`${method}\``,
        `\`/v1/${MOUNT}/${title}\``,
        `${names.join(', ')}: ${summary}`,
      ]),
    ),
    ...(description.fields.length === 0 ? [] : [renderFields(description.fields)]),
    ...operations.map((operation) => renderOperation(title, operation, description.fields)),
  ].join('\n\n');
}

/** Create and update of one path are one operation to people when their tables say the same. */
function mergeSame(operations) {
  const merged = [];
  for (const { operation, ...rest } of operations) {
    const twin = merged.find((candidate) => JSON.stringify(candidate.rest) === JSON.stringify(rest));
    if (twin === undefined) merged.push({ names: [operation], rest });
    else twin.names.push(operation);
  }
  return merged.map(({ names, rest }) => ({ names, ...rest }));
}

function renderFields(fields) {
  return table(
    ['field', 'in', 'type', 'default', 'description'],
    fields.map((field) => [
      `\`${field.name}\`${field.isRequired ? ' (required)' : ''}`,
      field.place,
      field.type,
      field.default === undefined ? '' : `\`${showDefault(field)}\``,
      describeField(field),
    ]),
  );
}

function describeField({ description, isDeprecated, allowedValues }) {
  const values = allowedValues.map((value) => `\`${String(value)}\``).join(', ');
  return `${isDeprecated ? 'Deprecated. ' : ''}${description}${values === '' ? '' : ` One of ${values}.`}`;
}

function showDefault({ type, default: value }) {
  if (!type.startsWith('duration') || typeof value !== 'number') return JSON.stringify(value);
  return value !== 0 && value % 3600 === 0 ? `${value / 3600}h` : `${value}s`;
}

function renderOperation(title, { names, method, summary, description, example, responses }, fields) {
  const body = example ?? exampleBody(names, fields);
  return [
    `### ${VERBS[names[0]] ?? names[0]} ${title}`,
    summary,
    ...(description === '' ? [] : [description]),
    fence('sh', `${curlCommand(method, title, body)}\n\n${hostCommand(names, title, body)}`),
    ...(responses.length === 0
      ? [`Answers ${USUAL_ANSWERS[names[0]] ?? '200 or 204.'}`]
      : responses.map(renderResponse)),
  ].join('\n\n');
}

function renderResponse({ status, description, fields, example }) {
  return [
    `Answers ${status}: ${description}`,
    ...(fields.length === 0 ? [] : [table(['field', 'type', 'description'], fields.map(responseRow))]),
    ...(example === undefined ? [] : [fence('json', JSON.stringify({ data: example }, null, 2))]),
  ].join('\n\n');
}

const responseRow = ({ name, type, description }) => [`\`${name}\``, type, description];

const isWrite = (names) => names.includes('create') || names.includes('update');

/** Of the fields that have an example; `undefined` when there is none or the operation takes no body. */
function exampleBody(names, fields) {
  if (!isWrite(names)) return undefined;
  const entries = fields
    .filter(({ place, example }) => place === 'body' && example !== undefined)
    .map(({ name, example }) => [name, example]);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function curlCommand(method, title, body) {
  const lines = ['curl --header "X-Vault-Token: $VAULT_TOKEN"', `--request ${method}`];
  if (body !== undefined) lines.push(`--data ${quote(JSON.stringify(body))}`);
  return [...lines, `"$VAULT_ADDR/v1/${MOUNT}/${fillIn(title)}"`].join(' \\\n  ');
}

function hostCommand(names, title, body) {
  const path = `${MOUNT}/${fillIn(title)}`;
  if (names.includes('read')) return `vault read ${path}`;
  if (names.includes('list')) return `vault list ${path}`;
  if (names.includes('delete')) return `vault delete ${path}`;
  if (body === undefined) return `vault write -f ${path}`;
  return [`vault write ${path}`, ...Object.entries(body).map(([name, value]) => `${name}=${quote(value)}`)].join(
    ' \\\n  ',
  );
}

/** For a POSIX shell. */
const quote = (value) => {
  const text = typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : String(value);
  return /^[\w.:,/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
};

/** `roles/:name` → `roles/my-role`. */
const fillIn = (title) => title.replaceAll(/:\w+/g, 'my-role');

function table(heads, rows) {
  const lines = [heads, heads.map(() => '---'), ...rows.map((cells) => cells.map(escapeCell))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const escapeCell = (text) =>
  text
    .replaceAll('\n', ' ')
    .replaceAll('|', '\\|')
    .replaceAll(/<(\w+)>/g, '&lt;$1&gt;');

const fence = (language, text) => `\`\`\`${language}\n${text}\n\`\`\``;
