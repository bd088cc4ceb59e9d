/** What a feature declares about itself; a folder with a `module.ts` is on the menu without any other edit. */
import type { Component } from 'vue'
import type { RouteRecordRaw } from 'vue-router'

export const menuGroups = [
  'home',
  'catalog',
  'sales',
  'promotions',
  'members',
  'purchasing',
  'inventory',
  'orders',
  'settlement',
  'reports',
  'system',
] as const
export type MenuGroup = (typeof menuGroups)[number]

export interface MenuEntry {
  group: MenuGroup
  /** Key of the title in the locales. */
  title: string
  /** Path of the page. */
  to: string
  icon: Component
  /** Not shown without it. */
  permission?: string
  /** Place inside the group, small first. */
  order?: number
}

export interface AdminModule {
  routes: RouteRecordRaw[]
  menu: MenuEntry[]
}

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the title in the locales. */
    title?: string
    permission?: string
    /** Open to those who have not signed in. */
    open?: boolean
  }
}

const found = import.meta.glob<{ default: AdminModule }>('./*/module.ts', { eager: true })

export const modules: AdminModule[] = Object.values(found).map((file) => file.default)
