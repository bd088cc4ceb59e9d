/** What a channel wants to know, as data, and the form between the settings on the wire and the fields on the page. */
import type { Channel, ChannelName, SetChannel, Settings } from '@/shared/api/payments'

export interface Field {
  /** Its place in the settings, `certificates.app`; also how the server names it. */
  name: string
  /** Key of its label in the locales, when it is not the name. */
  label: string
  kind: 'text' | 'pem' | 'choice' | 'keys'
  options?: { value: string; label: string }[]
  required?: boolean
  hint?: boolean
  /** Only where the gateway is believed in this way. */
  mode?: Mode
}

export interface KeyField {
  name: string
  label: string
  kind: 'pem' | 'text'
}

export type Mode = 'key' | 'certificates'

export interface PublicKeyRow {
  id: string
  pem: string
}

export interface ChannelForm {
  enabled: boolean
  mode: Mode
  texts: Record<string, string>
  platformKeys: PublicKeyRow[]
  /** Only what was typed now: keys that are there are never shown. */
  secrets: Record<string, string>
  /** Thousandths of a percent. */
  fee_rate_milli: number | null
  fee_min_fen: number | null
  fee_cap_fen: number | null
}

/** The wire has millionths, people write percent. */
const ppmPerMilli = 10

const field = (name: string, kind: Field['kind'], more: Partial<Field> = {}): Field => ({ name, kind, label: name, ...more })

export const channelFields: Record<ChannelName, Field[]> = {
  wechat: [
    field('mchid', 'text', { required: true }),
    field('appid', 'text', { required: true }),
    field('serial_no', 'text', { required: true }),
    field('client_ip', 'text'),
    field('code_pay_api', 'choice', {
      hint: true,
      options: [
        { value: 'v2', label: 'V2' },
        { value: 'v3', label: 'V3' },
      ],
    }),
    field('v2_sign_type', 'choice', {
      options: [
        { value: 'HMAC-SHA256', label: 'HMAC-SHA256' },
        { value: 'MD5', label: 'MD5' },
      ],
    }),
    field('base_url', 'text', { hint: true }),
    field('certificate', 'pem'),
    field('platform_keys', 'keys', { hint: true }),
  ],
  alipay: [
    field('app_id', 'text', { required: true }),
    field('seller_id', 'text'),
    field('base_url', 'text', { hint: true }),
    field('alipay_public_key', 'pem', { mode: 'key', required: true }),
    field('certificates.app', 'pem', { label: 'cert_app', mode: 'certificates', required: true }),
    field('certificates.alipay', 'pem', { label: 'cert_alipay', mode: 'certificates', required: true }),
    field('certificates.root', 'pem', { label: 'cert_root', mode: 'certificates', required: true }),
  ],
}

export const keyFields: Record<ChannelName, KeyField[]> = {
  wechat: [
    { name: 'private_key', label: 'private_key', kind: 'pem' },
    { name: 'apiv3_key', label: 'apiv3_key', kind: 'text' },
    { name: 'v2_key', label: 'v2_key', kind: 'text' },
  ],
  alipay: [{ name: 'private_key', label: 'app_private_key', kind: 'pem' }],
}

/** Fields shown: those of the way the gateway is believed in. */
export function shownFields(channel: ChannelName, mode: Mode): Field[] {
  return channelFields[channel].filter((each) => !each.mode || each.mode === mode)
}

export function formOf(name: ChannelName, channel: Channel | undefined): ChannelForm {
  const settings = channel?.settings ?? {}
  const texts = channelFields[name]
    .filter(({ kind }) => kind !== 'keys')
    .map((each) => [each.name, textAt(settings, each.name) || (each.options?.[0]?.value ?? '')])
  return {
    enabled: channel?.enabled ?? false,
    mode: settings.certificates ? 'certificates' : 'key',
    texts: Object.fromEntries(texts) as Record<string, string>,
    platformKeys: Object.entries(asObject(settings.platform_keys)).map(([id, pem]) => ({ id, pem: String(pem) })),
    secrets: Object.fromEntries(keyFields[name].map((each) => [each.name, ''])),
    fee_rate_milli: Math.round((channel?.fee_ppm ?? 0) / ppmPerMilli),
    fee_min_fen: channel?.fee_min_fen ?? 0,
    fee_cap_fen: channel?.fee_cap_fen ?? null,
  }
}

/** What is sent: fields left empty are left out, so that the server's own defaults hold. */
export function bodyOf(name: ChannelName, form: ChannelForm): SetChannel {
  const settings: Settings = {}
  for (const each of shownFields(name, form.mode)) {
    if (each.kind === 'keys') {
      const rows = form.platformKeys.filter(({ id, pem }) => id.trim() !== '' || pem.trim() !== '')
      settings[each.name] = Object.fromEntries(rows.map(({ id, pem }) => [id.trim(), pem.trim()]))
    } else put(settings, each.name, (form.texts[each.name] ?? '').trim())
  }
  return {
    enabled: form.enabled,
    settings,
    secrets: Object.fromEntries(Object.entries(form.secrets).filter(([, text]) => text.trim() !== '')),
    fee_ppm: (form.fee_rate_milli ?? 0) * ppmPerMilli,
    fee_min_fen: form.fee_min_fen ?? 0,
    fee_cap_fen: form.fee_cap_fen,
  }
}

function asObject(value: unknown): Settings {
  return typeof value === 'object' && value !== null ? (value as Settings) : {}
}

function textAt(settings: Settings, path: string): string {
  const value = path.split('.').reduce<unknown>((at, name) => asObject(at)[name], settings)
  return typeof value === 'string' ? value : ''
}

function put(settings: Settings, path: string, text: string): void {
  if (text === '') return
  const [name = '', inner] = path.split('.')
  settings[name] = inner === undefined ? text : { ...asObject(settings[name]), [inner]: text }
}
