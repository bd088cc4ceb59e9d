/** What orders are found by, as it stands in the list's URL. */
export const moreFilters = [
  'total_min_fen',
  'total_max_fen',
  'method',
  'member_tail',
  'cashier',
  'terminal',
  'product',
] as const

export const orderFilters = ['no', 'goods', 'from', 'to', 'status', 'channel', ...moreFilters] as const
