import { createRouter, createWebHistory } from 'vue-router'
import { i18n } from '@/shared/i18n'
import { useSession } from '@/shared/session'
import { modules } from './module'
import { visibleMenu } from './layout/menu'

/** Where somebody without the second factor the shop wants sets it up. */
const account = '/account'

export const router = createRouter({
  history: createWebHistory('/admin/'),
  routes: [
    { path: '/sign-in', component: () => import('./layout/SignInPage.vue'), meta: { open: true } },
    {
      path: '/',
      component: () => import('./layout/AdminLayout.vue'),
      children: [
        { path: '', name: 'start', component: () => import('./layout/NotFoundPage.vue') },
        ...modules.flatMap((each) => each.routes),
        { path: '/:rest(.*)*', component: () => import('./layout/NotFoundPage.vue') },
      ],
    },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  const session = useSession()
  if (!session.loaded) await session.load().catch(() => undefined)
  if (to.meta.open) return true
  if (!session.user) return { path: '/sign-in', query: { next: to.fullPath } }
  if (session.lacksSecondFactor && to.path !== account) return account
  if (to.name === 'start') return visibleMenu(session.can)[0]?.entries[0]?.to ?? true
  if (!session.can(to.meta.permission)) return { path: '/not-permitted', replace: true }
  return true
})

router.afterEach((to) => {
  const { title } = to.meta
  document.title = title ? `${i18n.global.t(title)} · Aisle` : 'Aisle'
})
