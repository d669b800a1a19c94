import test from 'ava';
import { importScript } from '../../helpers/import-script.ts';

const { readQuotedTexts, readStrings } = await importScript('check-docs-texts.mjs');
const { render } = await importScript('generate-api-docs.mjs');

test('quoted texts, a document with other sections: those of our section, first column, with their lines', (t) => {
  const markdown = [
    '## Texts of others',
    '| `not ours` | |',
    '## Texts of this plugin',
    '### Roles',
    '| text | cause |',
    '| --- | --- |',
    '| `one`, `a \\| b` | `in the second column` |',
    '## Texts of Azure',
    '| `not ours either` | |',
  ].join('\n');
  t.deepEqual(readQuotedTexts(markdown), [
    { text: 'one', line: 7 },
    { text: 'a | b', line: 7 },
  ]);
});

test('strings of a source, plain, template and sum: one text each, values as marks', (t) => {
  const source = "f('plain', `a ${x} b`, `c ${y}: ` + `${z} d` + more);";
  const strings: string[] = readStrings('x.ts', source);
  t.true(strings.includes('plain'));
  t.true(strings.includes('a <…> b'));
  t.true(strings.includes('c <…>: <…> d<…>'));
});

const field = { type: 'string', place: 'body', default: undefined, isRequired: false, isDeprecated: false };

test('API reference, a path that creates and updates alike: one section with fields, commands and usual answer', (t) => {
  const write = { method: 'POST', summary: 'Write it.', description: '', example: undefined, responses: [] };
  const text: string = render([
    {
      pattern: '^things/(?P<name>.+)$',
      paths: ['things/{name}'],
      synopsis: 'Things.',
      description: 'Things.',
      fields: [
        { ...field, name: 'size', type: 'duration (sec)', default: 7200, description: 'a | b', allowedValues: [] },
        { ...field, name: 'colour', description: 'Any.', allowedValues: ['red'], example: "it's red" },
      ],
      operations: [
        { operation: 'create', ...write },
        { operation: 'update', ...write },
      ],
    },
  ]);
  t.is(text.match(/^### /gm)?.length, 1);
  t.regex(text, /^## things\/:name$/m);
  t.regex(text, /\| `size` \| body \| duration \(sec\) \| `2h` \| a \\\| b \|/);
  t.regex(text, /One of `red`\./);
  t.true(text.includes("vault write azure/things/my-role \\\n  colour='it'\\''s red'"));
  t.regex(text, /Answers 204/);
});
