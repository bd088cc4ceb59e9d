import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { render, screen, waitFor, within } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { ApiError } from '@/shared/api/errors'
import { type Channel, payments } from '@/shared/api/payments'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import ChannelPage from './ChannelPage.vue'

const wechat: Channel = {
  channel: 'wechat',
  enabled: true,
  settings: { mchid: '1900000001', appid: 'wx1', serial_no: 'AB' },
  keys: ['private_key'],
  fee_ppm: 6000,
  fee_min_fen: 0,
  fee_cap_fen: null,
  changed_at: '2026-11-22T02:00:00Z',
}

beforeEach(() => useLanguage('en'))

async function openPage() {
  vi.spyOn(payments, 'listChannels').mockResolvedValue({ items: [wechat] })
  render(ChannelPage, { global: { plugins: [createPinia(), i18n, [VueQueryPlugin, { queryClient: makeQueryClient() }]] } })
  const card = within(await screen.findByRole('region', { name: 'WeChat Pay' }))
  return { card, user: userEvent.setup() }
}

it('shows what is set and which keys are there, never the keys', async () => {
  const { card } = await openPage()
  expect(card.getByLabelText('Merchant number (mchid)')).toHaveValue('1900000001')
  expect(card.getByLabelText('Rate')).toHaveValue('0.6')
  expect(card.getByText('Merchant private key (apiclient_key.pem) · Set')).toBeVisible()
  expect(card.getByText('APIv3 key · Not set')).toBeVisible()
  expect(card.getByLabelText('Merchant private key (apiclient_key.pem)')).toHaveValue('')
})

it('sends the new key alone and shows what the server says of a field', async () => {
  const { card, user } = await openPage()
  const set = vi.spyOn(payments, 'setChannel').mockRejectedValue(
    new ApiError({ status: 422, code: 'channel_settings', title: '', retryable: false, fields: [{ name: 'apiv3_key', code: 'not_thirty_two' }] }),
  )
  await user.type(card.getByLabelText('APIv3 key'), 'short')
  expect(card.getByRole('button', { name: 'Test connection' })).toBeDisabled()
  await user.click(card.getByRole('button', { name: 'Save' }))
  expect(await card.findByText('Must be exactly 32 letters and digits.')).toBeVisible()
  expect(set.mock.calls[0]).toMatchObject(['wechat', { secrets: { apiv3_key: 'short' }, fee_ppm: 6000 }])
  expect(Object.keys(set.mock.calls[0]?.[1].secrets ?? {})).toEqual(['apiv3_key'])
})

it('says whether the gateway understands us', async () => {
  const { card, user } = await openPage()
  const test = vi.spyOn(payments, 'testChannel').mockResolvedValue({ works: false, code: 'SIGN_ERROR', message: 'wrong signature' })
  await user.click(card.getByRole('button', { name: 'Test connection' }))
  expect(await card.findByRole('status')).toHaveTextContent('Does not work: wrong signature SIGN_ERROR')
  test.mockResolvedValue({ works: true, code: '', message: '' })
  await user.click(card.getByRole('button', { name: 'Test connection' }))
  await waitFor(() => expect(card.getByRole('status')).toHaveTextContent('both signatures hold'))
})
