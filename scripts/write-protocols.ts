/** Writes docs/protocols.md from a fresh capture of one resolve by each transport. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { captureResolves } from '../test/support/protocol-capture/capture.ts'
import { renderProtocols } from '../test/support/protocol-capture/render.ts'

const file = fileURLToPath(new URL('../docs/protocols.md', import.meta.url))
writeFileSync(file, renderProtocols(await captureResolves()))
console.log(`wrote ${file}`)
