import { CollectionTag, FolderOpened, Goods } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

const menu = { group: 'catalog', permission: 'catalog.read' } as const

export default {
  routes: [
    {
      path: '/products',
      component: () => import('./ProductListPage.vue'),
      meta: { title: 'catalog.products.title', permission: 'catalog.read' },
    },
    {
      path: '/products/new',
      component: () => import('./ProductPage.vue'),
      meta: { title: 'catalog.product.new', permission: 'catalog.write' },
    },
    {
      path: '/products/:id(\\d+)',
      component: () => import('./ProductPage.vue'),
      props: ({ params }) => ({ id: Number(params.id) }),
      meta: { title: 'catalog.product.one', permission: 'catalog.read' },
    },
    {
      path: '/categories',
      component: () => import('./CategoryPage.vue'),
      meta: { title: 'catalog.categories.title', permission: 'catalog.read' },
    },
    {
      path: '/labels',
      component: () => import('./LabelPage.vue'),
      meta: { title: 'catalog.labels.title', permission: 'catalog.read' },
    },
  ],
  menu: [
    { ...menu, title: 'catalog.products.title', to: '/products', icon: Goods, order: 1 },
    { ...menu, title: 'catalog.categories.title', to: '/categories', icon: FolderOpened, order: 2 },
    { ...menu, title: 'catalog.labels.title', to: '/labels', icon: CollectionTag, order: 3 },
  ],
} satisfies AdminModule
