// Tests are compiled by tsc into build/ first (npm run compile); ava runs plain JavaScript.
export default {
  files: ['build/test/**/*.test.js'],
  nodeArguments: ['--enable-source-maps'],
  workerThreads: false,
  concurrency: 2,
  timeout: '120s',
};
