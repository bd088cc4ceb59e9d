import { Key, User } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

export default {
  routes: [
    {
      path: '/users',
      component: () => import('./UserListPage.vue'),
      meta: { title: 'people.users.title', permission: 'user.manage' },
    },
    {
      path: '/roles',
      component: () => import('./RolePage.vue'),
      meta: { title: 'people.roles.title', permission: 'user.manage' },
    },
    {
      path: '/account',
      component: () => import('./AccountPage.vue'),
      meta: { title: 'people.account.title' },
    },
  ],
  menu: [
    { group: 'system', title: 'people.users.title', to: '/users', icon: User, permission: 'user.manage', order: 1 },
    { group: 'system', title: 'people.roles.title', to: '/roles', icon: Key, permission: 'user.manage', order: 2 },
  ],
} satisfies AdminModule
