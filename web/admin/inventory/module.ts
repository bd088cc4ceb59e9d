import { Box } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

export default {
  routes: [
    {
      path: '/stock',
      component: () => import('./StockListPage.vue'),
      meta: { title: 'inventory.title', permission: 'stock.read' },
    },
    {
      path: '/stock/:id(\\d+)',
      component: () => import('./StockHistoryPage.vue'),
      props: ({ params }) => ({ id: Number(params.id) }),
      meta: { title: 'inventory.history', permission: 'stock.read' },
    },
  ],
  menu: [{ group: 'inventory', title: 'inventory.title', to: '/stock', icon: Box, permission: 'stock.read' }],
} satisfies AdminModule
