import { expect, it } from 'vitest'
import type { Channel } from '@/shared/api/payments'
import { bodyOf, formOf, shownFields } from './channel'

const wechat: Channel = {
  channel: 'wechat',
  enabled: true,
  settings: { mchid: '1900000001', appid: 'wx1', serial_no: 'AB', platform_keys: { PUB_KEY_ID_1: 'PEM' }, code_pay_api: 'v3' },
  keys: ['private_key', 'apiv3_key'],
  fee_ppm: 3850,
  fee_min_fen: 0,
  fee_cap_fen: null,
  changed_at: '2026-11-22T02:00:00Z',
}

it('sends back what it was given and no key that was not typed', () => {
  const body = bodyOf('wechat', formOf('wechat', wechat))
  expect(body).toMatchObject({ enabled: true, secrets: {}, fee_ppm: 3850, fee_min_fen: 0, fee_cap_fen: null })
  expect(body.settings).toEqual({ ...wechat.settings, v2_sign_type: 'HMAC-SHA256' })
})

it('leaves empty fields out and asks for what the way of trust needs', () => {
  const form = formOf('alipay', undefined)
  expect(bodyOf('alipay', form).settings).toEqual({})
  expect(shownFields('alipay', 'key').map(({ name }) => name)).not.toContain('certificates.app')
  form.mode = 'certificates'
  Object.assign(form.texts, { app_id: '2021', alipay_public_key: 'old', 'certificates.app': 'A', 'certificates.root': 'R' })
  expect(bodyOf('alipay', form).settings).toEqual({ app_id: '2021', certificates: { app: 'A', root: 'R' } })
  expect(formOf('alipay', { ...wechat, settings: bodyOf('alipay', form).settings }).mode).toBe('certificates')
})
