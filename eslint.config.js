import tseslint from 'typescript-eslint'

/** The environment is handed over in main.ts and read in config.ts alone, where every problem is listed at once. */
const onlyConfigReadsTheEnvironment = {
  'no-restricted-properties': [
    'error',
    {
      object: 'process',
      property: 'env',
      message: 'Read the environment in a config.ts, and hand the value in.',
    },
  ],
}

export default tseslint.config(
  { ignores: ['node_modules/', '.tools/', '.local/', 'coverage/'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js', '*.cjs'] } } },
    rules: {
      ...onlyConfigReadsTheEnvironment,
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // The libraries mark it so to make it stand out; we use it for http on this machine alone.
      '@typescript-eslint/no-deprecated': [
        'error',
        {
          allow: ['openid-client', 'oauth4webapi'].map((name) => ({
            from: 'package',
            package: name,
            name: 'allowInsecureRequests',
          })),
        },
      ],
      eqeqeq: 'error',
      complexity: ['error', 10],
      'max-lines': ['error', { max: 300 }],
      'max-params': ['error', 3],
      'max-depth': ['error', 3],
      'no-console': 'error',
    },
  },
  {
    files: [
      ...['**/config.ts', '**/main.ts', 'deploy/container/run-envoy.ts'],
      ...['deploy/local/**', 'deploy/demo/**', 'test/**'],
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: [
      ...['deploy/container/health-check.ts', 'deploy/local/**', 'deploy/demo/**'],
      ...['envoy/**/main.ts', 'test/browsers/**', 'test/images/**', 'test/rooms/**'],
    ],
    rules: { 'no-console': 'off' },
  },
  { files: ['*.js', '*.cjs'], ...tseslint.configs.disableTypeChecked },
)
