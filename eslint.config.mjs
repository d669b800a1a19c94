import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const outsideTheirHome = [
  { name: 'setTimeout', message: 'Take a Clock argument (util/clock.ts).' },
  { name: 'setInterval', message: 'Take a Clock argument (util/clock.ts).' },
  { name: 'Date', message: 'Take a Clock argument (util/clock.ts).' },
  { name: 'fetch', message: 'Azure calls go through azure/transport.ts.' },
  { name: 'process', message: 'Only main.ts and goplugin/ read the process; hand values on.' },
];

const constructorName = {
  selector: "MemberExpression[property.name='name'][object.property.name='constructor']",
  message: 'Bundlers may rename classes; use a literal name.',
};

const requestSpread = {
  selector: "SpreadElement[argument.name='request']",
  message: 'A spread loses the signal and the headers, which a request makes when they are asked for.',
};

export default tseslint.config(
  { ignores: ['build/', 'dist/', 'coverage/', 'node_modules/', 'src/wire/generated/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Fakes and interface implementations are async without an await; promise safety is covered by the other rules.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', constructorName] },
  },
  {
    files: ['src/{engines,framework,bridge}/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', constructorName, requestSpread] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/util/clock.ts', 'src/util/rfc3339.ts', 'src/main.ts', 'src/goplugin/**'],
    rules: { 'no-restricted-globals': ['error', ...outsideTheirHome] },
  },
  {
    // Tests poke at untyped answers of real servers and SDKs; what they assert is checked at run time.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-console': 'off',
    },
  },
  {
    files: ['scripts/**/*.mjs', '*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
);
