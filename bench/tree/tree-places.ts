/** What one node of the tree is: its prefix, its address, its number of identifiers. */
export type TreePlace = {
  readonly role: 'top' | 'secondary' | 'enterprise' | 'recursive'
  readonly name: string
  readonly prefix: string
  readonly host: string
  readonly identifiers: number
  /** Index of the secondary node above, of an enterprise node. */
  readonly above?: number
}

export type TreeShape = {
  readonly nodes: number
  readonly enterprises: number
  readonly identifiers: number
  readonly enterpriseIdentifiers: number
}

/**
 * A national top node for 88, secondary nodes for 88.100, 88.101 …, enterprise nodes below them in turns, and a recursive node
 * that clients ask. Each has a loopback address of its own, so that a referral leads to another machine as far as anybody sees.
 */
export function placesOf(shape: TreeShape): readonly TreePlace[] {
  const secondaries = Array.from(
    { length: shape.nodes },
    (_, index): TreePlace => ({
      role: 'secondary',
      name: `secondary ${index + 1}`,
      prefix: `88.${100 + index}`,
      host: `127.0.10.${index + 1}`,
      identifiers: shape.identifiers,
    }),
  )
  const enterprises = Array.from({ length: shape.enterprises }, (_, index): TreePlace => {
    const above = index % shape.nodes
    return {
      role: 'enterprise',
      name: `enterprise ${index + 1}`,
      prefix: `88.${100 + above}.${Math.floor(index / shape.nodes) + 1}`,
      host: `127.0.20.${index + 1}`,
      identifiers: shape.enterpriseIdentifiers,
      above,
    }
  })
  const top: TreePlace = { role: 'top', name: 'top', prefix: '88', host: '127.0.0.2', identifiers: 0 }
  const recursive: TreePlace = {
    role: 'recursive',
    name: 'recursive',
    prefix: '88.999',
    host: '127.0.0.3',
    identifiers: 0,
  }
  return [top, ...secondaries, ...enterprises, recursive]
}
