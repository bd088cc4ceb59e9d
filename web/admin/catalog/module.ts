import { Goods } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

export default {
  routes: [
    {
      path: '/products',
      component: () => import('./ProductListPage.vue'),
      meta: { title: 'catalog.products.title', permission: 'catalog.read' },
    },
  ],
  menu: [
    {
      group: 'catalog',
      title: 'catalog.products.title',
      to: '/products',
      icon: Goods,
      permission: 'catalog.read',
    },
  ],
} satisfies AdminModule
