import { Monitor } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

export default {
  routes: [
    {
      path: '/terminals',
      component: () => import('./TerminalListPage.vue'),
      meta: { title: 'terminals.title', permission: 'terminal.manage' },
    },
  ],
  menu: [
    { group: 'catalog', title: 'terminals.title', to: '/terminals', icon: Monitor, permission: 'terminal.manage', order: 6 },
  ],
} satisfies AdminModule
