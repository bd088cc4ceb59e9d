import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { render, screen, waitFor } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { OfflineError } from '@/shared/api/errors'
import { inventory } from '@/shared/api/inventory'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import AdjustDialog from './AdjustDialog.vue'
import { signed, signedMilli } from './adjust'

const line = { product_id: 7, name: 'Cola', unit: 'pcs', on_hand_milli: 5000, qty_milli: 2000 }

it('takes out for a reason that takes out, whichever sign was typed', () => {
  expect(signed([line], 'out')).toEqual([{ product_id: 7, delta_milli: -2000 }])
  expect(signed([{ ...line, qty_milli: -2000 }], 'out')).toEqual([{ product_id: 7, delta_milli: -2000 }])
  expect(signed([{ ...line, qty_milli: -2000 }], 'in')).toEqual([{ product_id: 7, delta_milli: 2000 }])
  expect(signed([{ ...line, qty_milli: -2000 }], 'both')).toEqual([{ product_id: 7, delta_milli: -2000 }])
})

it('writes a movement with its sign', () => {
  expect([5000, -456, 0].map(signedMilli)).toEqual(['+5', '-0.456', '0'])
})

it('sends the same id again when the first answer was lost', async () => {
  await useLanguage('en')
  vi.spyOn(inventory, 'listReasons').mockResolvedValue({ items: [{ code: 'damage', direction: 'out', manual: true }] })
  const adjust = vi.spyOn(inventory, 'adjust').mockRejectedValueOnce(new OfflineError('lost'))
  adjust.mockResolvedValueOnce({ id: 'x', lines: [] })
  const user = userEvent.setup()
  const dialog = render(AdjustDialog, {
    props: { modelValue: false, start: [{ id: 7, name: 'Cola', unit: 'pcs', on_hand_milli: 5000 }] },
    global: { plugins: [createPinia(), i18n, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  await dialog.rerender({ modelValue: true })
  await user.click(await screen.findByRole('combobox', { name: 'Reason' }))
  await user.click(await screen.findByText('Damage'))
  await user.type(screen.getByRole('textbox', { name: 'Quantity of Cola' }), '1.5')
  await user.click(screen.getByRole('button', { name: 'Adjust' }))
  await waitFor(() => expect(adjust).toHaveBeenCalledTimes(1))
  await user.click(screen.getByRole('button', { name: 'Adjust' }))
  await waitFor(() => expect(adjust).toHaveBeenCalledTimes(2))
  const [first, second] = adjust.mock.calls.map(([body]) => body)
  expect(first?.lines).toEqual([{ product_id: 7, delta_milli: -1500 }])
  expect(second?.id).toBe(first?.id)
})
