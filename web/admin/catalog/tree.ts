import type { Category } from '@/shared/api/catalog'

export interface Branch extends Category {
  value: number
  children: Branch[]
}

/** The flat list as a tree, in the order people gave it; without one branch when moving that. */
export function treeOf(categories: readonly Category[], without?: number): Branch[] {
  const branches = new Map(categories.map((each) => [each.id, { ...each, value: each.id, children: [] }]))
  const roots: Branch[] = []
  for (const branch of branches.values()) {
    if (branch.id === without) continue
    const parent = branch.parent_id === null ? undefined : branches.get(branch.parent_id)
    ;(parent?.children ?? roots).push(branch)
  }
  const sort = (list: Branch[]): Branch[] => {
    list.sort((a, b) => a.sort - b.sort || a.id - b.id)
    for (const { children } of list) sort(children)
    return list
  }
  return sort(roots)
}

type Place = 'before' | 'after' | 'inner'

/** What to save so that a dropped branch stays where it was dropped: its parent, and the order of its neighbours. */
export function placeFor(
  tree: Branch[],
  moved: Branch,
  target: Branch,
  place: Place,
): { id: number; parent_id?: number | null; sort: number }[] {
  const parent_id = place === 'inner' ? target.id : target.parent_id
  const siblings = (parent_id === null ? tree : (find(tree, parent_id)?.children ?? [])).filter(({ id }) => id !== moved.id)
  const at = place === 'inner' ? siblings.length : siblings.findIndex(({ id }) => id === target.id) + Number(place === 'after')
  const order = [...siblings.slice(0, at), moved, ...siblings.slice(at)]
  return order
    .map((branch, index) => ({ branch, sort: (index + 1) * 10 }))
    .filter(({ branch, sort }) => branch.id === moved.id || branch.sort !== sort)
    .map(({ branch, sort }) => (branch.id === moved.id ? { id: branch.id, parent_id, sort } : { id: branch.id, sort }))
}

function find(branches: Branch[], id: number): Branch | undefined {
  for (const branch of branches) {
    const found = branch.id === id ? branch : find(branch.children, id)
    if (found) return found
  }
  return undefined
}
