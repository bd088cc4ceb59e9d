import { useQuery } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { receipts } from '../api/receipts'

export const usePublicReceipt = (token: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => ['receipts', toValue(token)] as const),
    queryFn: ({ signal }) => receipts.getPublic(toValue(token), signal),
  })
