import { useI18n } from 'vue-i18n'

/** What a role is called: a shop's own by its name, a built-in one in the person's language. */
export function useRoleName() {
  const { t } = useI18n()
  return ({ role, name }: { role: string; name: string | null }): string => name ?? t(`role.${role}`)
}
