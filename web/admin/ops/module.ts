import { Document, View, Warning } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

export default {
  routes: [
    {
      path: '/operations',
      component: () => import('./OperationListPage.vue'),
      meta: { title: 'ops.log.title', permission: 'log.read' },
    },
    {
      path: '/till-events',
      component: () => import('./TillEventListPage.vue'),
      meta: { title: 'ops.till.title', permission: 'log.read' },
    },
    {
      path: '/risk',
      component: () => import('./RiskPage.vue'),
      meta: { title: 'ops.risk.title', permission: 'log.read' },
    },
  ],
  menu: [
    { group: 'system', title: 'ops.log.title', to: '/operations', icon: Document, permission: 'log.read', order: 5 },
    { group: 'system', title: 'ops.till.title', to: '/till-events', icon: View, permission: 'log.read', order: 6 },
    { group: 'system', title: 'ops.risk.title', to: '/risk', icon: Warning, permission: 'log.read', order: 7 },
  ],
} satisfies AdminModule
