import { Connection, QuestionFilled } from '@element-plus/icons-vue'
import type { AdminModule } from '../module'

export default {
  routes: [
    {
      path: '/payment-channels',
      component: () => import('./ChannelPage.vue'),
      meta: { title: 'payments.channels.title', permission: 'payment.manage' },
    },
    {
      path: '/money-in-doubt',
      component: () => import('./DoubtPage.vue'),
      meta: { title: 'payments.doubt.title', permission: 'payment.read' },
    },
  ],
  menu: [
    {
      group: 'settlement',
      title: 'payments.doubt.title',
      to: '/money-in-doubt',
      icon: QuestionFilled,
      permission: 'payment.read',
    },
    {
      group: 'system',
      title: 'payments.channels.title',
      to: '/payment-channels',
      icon: Connection,
      permission: 'payment.manage',
      order: 5,
    },
  ],
} satisfies AdminModule
