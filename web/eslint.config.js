import vue from 'eslint-plugin-vue'
import globals from 'globals'
import tseslint from 'typescript-eslint'

const noApi = {
  group: ['@/shared/api/*', '**/shared/api/*', '!@/shared/api/errors', '!@/shared/api/types'],
  allowTypeImports: true,
  message: 'Server calls go through shared/queries.',
}
const noFace = (...names) => ({
  group: names.flatMap((name) => [`@/${name}/**`, `**/../${name}/**`]),
  message: 'A face imports only itself and shared.',
})
const restrict = (...patterns) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns }],
})

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'shared/api/schema.gen.ts'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  ...vue.configs['flat/recommended'],
  {
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: {
        parser: tseslint.parser,
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        extraFileExtensions: ['.vue'],
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 250 }],
      'no-console': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      'vue/no-v-html': 'error',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always', normal: 'always' } }],
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/require-default-prop': 'off',
      'vue/attributes-order': 'off',
    },
  },
  { files: ['eslint.config.js'], ...tseslint.configs.disableTypeChecked },
  { files: ['admin/**'], rules: restrict(noFace('pos', 'mobile'), noApi) },
  { files: ['pos/**'], rules: restrict(noFace('admin', 'mobile'), noApi) },
  { files: ['mobile/**'], rules: restrict(noFace('admin', 'pos'), noApi) },
  { files: ['pos/outbox.ts', 'pos/catalogue.ts'], rules: restrict(noFace('admin', 'mobile')) },
  { files: ['shared/**'], rules: restrict(noFace('admin', 'pos', 'mobile')) },
  { files: ['shared/ui/**', 'shared/lib/**'], rules: restrict(noFace('admin', 'pos', 'mobile'), noApi) },
  // Tests stand in for the server where it is called.
  { files: ['admin/**/*.test.ts'], rules: restrict(noFace('pos', 'mobile')) },
  { files: ['pos/**/*.test.ts'], rules: restrict(noFace('admin', 'mobile')) },
  { files: ['mobile/**/*.test.ts'], rules: restrict(noFace('admin', 'pos')) },
  { files: ['**/*.test.ts'], rules: { 'max-lines': ['error', { max: 400 }] } },
)
