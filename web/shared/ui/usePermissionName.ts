import { useI18n } from 'vue-i18n'

/** What a permission is called; a dot in its name would be a step in the locales. */
export function usePermissionName() {
  const { t } = useI18n()
  return (permission: string): string => t(`permission.${permission.replace('.', '_')}`)
}
