import js from '@eslint/js';
import next from '@next/eslint-plugin-next';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const features = ['auth', 'overview', 'monitors', 'monitor', 'monitor-form', 'workers', 'settings', 'design'];

export default defineConfig([
  globalIgnores(['.next/', 'out/', 'gen/', 'next-env.d.ts', 'test-results/', 'playwright-report/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  reactHooks.configs.flat['recommended-latest'],
  jsxA11y.flatConfigs.strict,
  next.configs['core-web-vitals'],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
    },
  },
  // pages -> features -> shared: nothing points up, and features do not know one another.
  ...features.map((feature) => ({
    files: [`features/${feature}/**`],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [
          { group: [`@/features/*`, '@/pages/*', '../*'], message: 'A feature imports its own files and shared/.' },
        ],
      }],
    },
  })),
  {
    files: ['shared/**', 'components/**', 'strings/**'],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [{ group: ['@/features/*', '@/pages/*'], message: 'shared/ knows no feature.' }],
      }],
    },
  },
  { files: ['**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
]);
