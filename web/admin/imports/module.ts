import { Upload } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

export default {
  routes: [
    {
      path: '/imports',
      component: () => import('./ImportListPage.vue'),
      meta: { title: 'imports.title', permission: 'catalog.import' },
    },
    {
      path: '/imports/:id',
      component: () => import('./ImportPage.vue'),
      props: true,
      meta: { title: 'imports.one', permission: 'catalog.import' },
    },
  ],
  menu: [
    { group: 'catalog', title: 'imports.title', to: '/imports', icon: Upload, permission: 'catalog.import', order: 4 },
  ],
} satisfies AdminModule
