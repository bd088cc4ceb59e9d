import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { render, screen, within } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { ApiError } from '@/shared/api/errors'
import { type CurrentSession, identity } from '@/shared/api/identity'
import { people } from '@/shared/api/people'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import SecondFactor from './SecondFactor.vue'

beforeEach(async () => {
  await useLanguage('en')
  vi.spyOn(people, 'ownSecondFactor').mockResolvedValue({ set: true, recovery_codes_left: 2, required: false })
  vi.spyOn(identity, 'currentSession').mockResolvedValue({ user: null, permissions: [] } as unknown as CurrentSession)
})

it('shows new recovery codes once the password and a code were right', async () => {
  const refusal = new ApiError({ status: 403, code: 'bad_second_factor', title: '', retryable: false, fields: [] })
  const renew = vi.spyOn(people, 'renewRecoveryCodes').mockRejectedValueOnce(refusal)
  renew.mockResolvedValue({ recovery_codes: ['aaaa-bbbb', 'cccc-dddd'] })
  render(SecondFactor, {
    global: { plugins: [createPinia(), i18n, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  const user = userEvent.setup()
  await user.click(await screen.findByRole('button', { name: 'New recovery codes' }))
  const asked = within(await screen.findByRole('dialog', { name: 'New recovery codes' }))
  expect(asked.getByText(/all old ones end/)).toBeVisible()
  const [password, code] = asked.getAllByLabelText(/./, { selector: 'input' })
  if (!password || !code) throw new Error('two fields')
  await user.type(password, 'correct horse')
  await user.type(code, '123456{Enter}')
  expect(await asked.findByText(/The code is wrong or was used already/)).toBeVisible()
  await user.click(asked.getByRole('button', { name: 'New recovery codes' }))
  expect(await screen.findByText('cccc-dddd')).toBeVisible()
  expect(renew.mock.lastCall?.[0]).toEqual({ password: 'correct horse', code: '123456' })
})
