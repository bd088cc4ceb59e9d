import { render, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import ReceiptPaper from './ReceiptPaper.vue'

const plain = { align: 'left', bold: false, size: 'normal' }

it('shows the rows of the paper, a barcode by its text', () => {
  const rows = [
    { ...plain, kind: 'text', text: 'Cola        3.30' },
    { ...plain, kind: 'text', text: '' },
    { ...plain, kind: 'barcode', text: '2026112201000001' },
    { ...plain, kind: 'qr', text: 'https://example.com/r/1' },
  ]
  render(ReceiptPaper, { props: { rows, label: 'Receipt' } })
  const paper = screen.getByRole('document', { name: 'Receipt' })
  expect(paper).toHaveTextContent('Cola 3.30')
  expect(paper).toHaveTextContent('2026112201000001')
  expect(paper).not.toHaveTextContent('example.com')
  expect(paper.children).toHaveLength(3)
})
