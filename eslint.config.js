import tseslint from 'typescript-eslint';

/** What a room must not import, with the reason a person reads when lint stops them. */
const bans = {
  dockerode: 'dockerode is imported only in monitor/engine/.',
  electron: 'The monitor knows no Electron.',
  door: 'Messages of the window go through main/ipc/door.ts and preload/index.ts only.',
  sqlite: 'node:sqlite is imported only in monitor/record/ and monitor/runtime/lock.ts.',
};

const pureRooms = ['model', 'stats', 'detect', 'policy'].map((room) => `monitor/${room}/**/*.ts`);

export default tseslint.config(
  { ignores: ['node_modules', '.cache', 'dist', 'coverage'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: './tsconfig/lint.json',
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // Taking one field off a value reads best as `{ field: _, ...rest }`.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Enumerations cannot be written here (erasableSyntaxOnly), and classes are few: what these two
      // look for is not there, and took a sixth of the time.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'dockerode', message: bans.dockerode },
            { name: 'docker-modem', message: bans.dockerode },
            { name: 'node:sqlite', message: bans.sqlite },
            { name: 'electron', message: bans.electron },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file itself.' },
        {
          selector: "CallExpression[callee.name='setInterval']",
          message: 'Use startLoop of monitor/runtime/loop.ts: no overlap, abort, time-out.',
        },
      ],
    },
  },
  {
    files: pureRooms,
    rules: {
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'performance'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is an argument here.' },
        { object: 'Math', property: 'random', message: 'No randomness here.' },
      ],
    },
  },
  {
    files: ['monitor/engine/**/*.ts', 'monitor/record/**/*.ts', 'monitor/runtime/lock.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: [{ name: 'electron', message: bans.electron }] }],
    },
  },
  {
    // Types of Electron anywhere in the shell; what runs comes in through index.ts.
    files: ['main/**/*.ts', 'preload/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'electron', importNames: ['ipcRenderer', 'ipcMain'], message: bans.door },
            { name: 'dockerode', message: bans.dockerode },
            { name: 'node:sqlite', message: bans.sqlite },
          ],
        },
      ],
    },
  },
  {
    files: ['main/**/*.ts'],
    ignores: ['main/ipc/door.ts', 'main/index.ts', 'main/electron.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "Identifier[name='ipcMain']", message: bans.door },
        { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file itself.' },
      ],
    },
  },
  {
    files: ['main/index.ts', 'main/electron.ts', 'preload/index.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['renderer/**/*.ts', 'renderer/**/*.tsx'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'require', 'Buffer', 'global'],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', 'electron', 'dockerode', 'zod'],
              message: 'A page has none of it.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'test/**/*.tsx', 'vitest.config.ts'],
    rules: {
      'no-restricted-imports': 'off',
      'no-restricted-syntax': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
