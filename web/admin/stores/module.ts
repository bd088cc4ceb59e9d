import { Shop } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

export default {
  routes: [
    {
      path: '/stores',
      component: () => import('./StoreListPage.vue'),
      meta: { title: 'stores.title', permission: 'store.manage' },
    },
    {
      path: '/stores/:id(\\d+)',
      component: () => import('./StorePage.vue'),
      props: ({ params }) => ({ id: Number(params.id) }),
      meta: { title: 'stores.one', permission: 'store.manage' },
    },
  ],
  menu: [{ group: 'catalog', title: 'stores.title', to: '/stores', icon: Shop, permission: 'store.manage', order: 5 }],
} satisfies AdminModule
