/** An empty sheet with the columns the server reads, made here. */
const headers: Record<string, string[]> = {
  'zh-CN': ['货号', '条码', '品名', '规格', '单位', '类别', '品牌', '售价', '进价', '会员价', '最低售价', '税率', '安全库存', '保质期', '供应商', '状态'],
  en: ['code', 'barcode', 'name', 'spec', 'unit', 'category', 'brand', 'price', 'cost', 'member_price', 'floor_price', 'tax_rate', 'safety_stock', 'shelf_life_days', 'supplier', 'state'],
}

export function templateText(language: string): string {
  const row = headers[language] ?? headers.en ?? []
  return `\uFEFF${row.join(',')}\r\n`
}

export function downloadTemplate(language: string): void {
  const url = URL.createObjectURL(new Blob([templateText(language)], { type: 'text/csv;charset=utf-8' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: 'products.csv' })
  link.click()
  URL.revokeObjectURL(url)
}
