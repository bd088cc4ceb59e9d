import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Product } from '@/shared/api/catalog'
import { formatRate } from '@/shared/lib/money'
import { formatTime } from '@/shared/lib/time'
import { useSession } from '@/shared/session'
import type { Column } from '@/shared/ui/table'

export function useProductColumns() {
  const { t } = useI18n()
  const session = useSession()

  return computed<Column<Product>[]>(() => {
    const label = (key: string) => t(`catalog.products.${key}`)
    const money = { width: 104, align: 'right' } as const
    return [
      { key: 'picture', label: label('picture'), width: 76 },
      { key: 'code', label: label('code'), width: 96, sortKey: 'code' },
      { key: 'name', label: label('name'), minWidth: 180, sortKey: 'name', always: true },
      { key: 'barcode', label: label('barcode'), width: 140 },
      { key: 'spec', label: label('spec'), width: 100 },
      { key: 'unit', label: label('unit'), width: 64 },
      { key: 'category', label: label('category'), width: 110 },
      { key: 'brand', label: label('brand'), width: 110, hidden: true },
      { key: 'price_fen', label: label('price'), ...money, sortKey: 'price' },
      { key: 'member_price_fen', label: label('member_price'), ...money, hidden: true },
      { key: 'floor_price_fen', label: label('floor_price'), ...money, hidden: true },
      ...(session.can('cost.read')
        ? [{ key: 'cost_fen', label: label('cost'), ...money, hidden: true }]
        : []),
      { key: 'qty_milli', label: label('qty'), width: 112, align: 'right', sortKey: 'qty' },
      { key: 'state', label: label('state'), width: 116 },
      {
        key: 'tax_rate_bp',
        label: label('tax_rate'),
        width: 80,
        align: 'right',
        hidden: true,
        text: (row) => formatRate(row.tax_rate_bp),
      },
      { key: 'mnemonic', label: label('mnemonic'), width: 120, hidden: true },
      { key: 'supplier', label: label('supplier'), width: 140, hidden: true },
      {
        key: 'updated_at',
        label: label('updated'),
        width: 150,
        hidden: true,
        sortKey: 'updated',
        text: (row) => formatTime(row.updated_at, session.store?.time_zone),
      },
    ]
  })
}
