import { List, RefreshLeft } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

export default {
  routes: [
    {
      path: '/orders',
      component: () => import('./OrderListPage.vue'),
      meta: { title: 'orders.title', permission: 'order.read' },
    },
    {
      path: '/blind-returns',
      component: () => import('./BlindReturnListPage.vue'),
      meta: { title: 'orders.blind_title', permission: 'order.read' },
    },
    {
      path: '/orders/:id',
      component: () => import('./OrderPage.vue'),
      props: true,
      meta: { title: 'orders.one', permission: 'order.read' },
    },
  ],
  menu: [
    { group: 'orders', title: 'orders.title', to: '/orders', icon: List, permission: 'order.read' },
    { group: 'orders', title: 'orders.blind_title', to: '/blind-returns', icon: RefreshLeft, permission: 'order.read' },
  ],
} satisfies AdminModule
