import { type MenuEntry, type MenuGroup, menuGroups, modules } from '../module'

export interface VisibleGroup {
  group: MenuGroup
  entries: MenuEntry[]
}

/** The menu in the order supermarket people expect, without what this person may not open. */
export function visibleMenu(can: (permission: string | undefined) => boolean): VisibleGroup[] {
  const entries = modules.flatMap((each) => each.menu).filter((entry) => can(entry.permission))
  return menuGroups
    .map((group) => ({
      group,
      entries: entries
        .filter((entry) => entry.group === group)
        .sort((a, b) => (a.order ?? 0) - (b.order ?? 0)),
    }))
    .filter(({ entries: shown }) => shown.length > 0)
}
