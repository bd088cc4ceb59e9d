import { HomeFilled } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

export default {
  routes: [
    {
      path: '/home',
      component: () => import('./HomePage.vue'),
      meta: { title: 'home.title', permission: 'sales.read' },
    },
  ],
  menu: [{ group: 'home', title: 'home.title', to: '/home', icon: HomeFilled, permission: 'sales.read' }],
} satisfies AdminModule
