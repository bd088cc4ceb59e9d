import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { OrderRow } from '@/shared/api/sales'
import { formatDay, formatTime } from '@/shared/lib/time'
import { useSession } from '@/shared/session'
import type { Column } from '@/shared/ui/table'

export function useOrderColumns() {
  const { t } = useI18n()
  const session = useSession()

  return computed<Column<OrderRow>[]>(() => {
    const label = (key: string) => t(`orders.${key}`)
    const money = { width: 116, align: 'right' } as const
    const time = (iso: string | null) => (iso ? formatTime(iso, session.store?.time_zone, true) : '–')
    return [
      { key: 'no', label: label('no'), minWidth: 190, always: true },
      { key: 'created_at', label: label('placed'), width: 190, text: (row) => time(row.created_at) },
      { key: 'status', label: label('status'), width: 150 },
      { key: 'channel', label: label('channel'), width: 110, text: (row) => t(`channel.${row.channel}`) },
      { key: 'terminal_no', label: label('terminal'), width: 90, align: 'right' },
      { key: 'cashier', label: label('cashier'), width: 120 },
      { key: 'member', label: label('member'), width: 130, hidden: true },
      { key: 'lines_count', label: label('lines_count'), width: 80, align: 'right' },
      { key: 'discount_fen', label: label('discount'), ...money, hidden: true },
      { key: 'rounding_fen', label: label('rounding'), ...money, hidden: true },
      { key: 'total_fen', label: label('total'), ...money },
      { key: 'paid_at', label: label('paid'), width: 190, hidden: true, text: (row) => time(row.paid_at) },
      {
        key: 'business_day',
        label: label('business_day'),
        width: 120,
        hidden: true,
        text: (row) => formatDay(row.business_day),
      },
    ]
  })
}
